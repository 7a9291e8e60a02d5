import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ANONYMOUS } from '../../src/api/access/caller.js';
import { endWith } from '../../src/api/access/end-with.js';

class FakeResponse extends EventEmitter {
  ended = false;

  end(): void {
    this.ended = true;
  }
}

describe('an answer that goes on for ever', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function opened(expiresInMs: number | null): FakeResponse {
    const response = new FakeResponse();
    const expiresAt = expiresInMs === null ? null : Date.now() + expiresInMs;
    endWith({ ...ANONYMOUS, expiresAt }, response as unknown as ServerResponse);
    return response;
  }

  it("ends with its caller's credentials", () => {
    const response = opened(60_000);
    jest.advanceTimersByTime(59_999);
    expect(response.ended).toBe(false);
    jest.advanceTimersByTime(1);
    expect(response.ended).toBe(true);
  });

  it('leaves no timer behind when it ends before', () => {
    opened(60_000).emit('close');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([null, 2 ** 40])('goes on where they do not end, or not soon: %s', (expiresInMs) => {
    opened(expiresInMs);
    expect(jest.getTimerCount()).toBe(0);
  });
});
