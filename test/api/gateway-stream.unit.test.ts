import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { describe, expect, it, jest } from '@jest/globals';
import { eventFrame } from '../../src/api/gateway/frames.js';
import { EventHub, type EventHubLimits } from '../../src/api/gateway/event-hub.js';
import { NodeStream } from '../../src/api/gateway/node-stream.js';
import { StreamSlots } from '../../src/api/gateway/stream-slots.js';
import { createLog, type Database } from '../../src/runtime/index.js';
import { TestBus } from './test-app.js';

/** A connection whose other end takes one write, and no more until it is told to. */
class Response extends Writable {
  readonly taken: string[] = [];
  private taking: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 100, decodeStrings: false });
  }

  writeHead(): this {
    return this;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.taken.push(chunk);
    this.taking = done;
  }

  take(): void {
    const taking = this.taking;
    this.taking = undefined;
    taking?.();
  }
}

const entry = (version: number) => ({
  version,
  outputs: [{ topic: 't', message: { event_type: 'NODE_BECAME_ACTIVE', text: 'x'.repeat(60) } }],
});

function streamTo(response: Response) {
  const drained: NodeStream[] = [];
  const closed: NodeStream[] = [];
  const stream = new NodeStream('n-1', new Set(['NODE_BECAME_ACTIVE']), {
    drained: (one) => drained.push(one),
    closed: (one) => closed.push(one),
  });
  stream.open(response as unknown as ServerResponse, { version: 1, index: 0 }, '0.0');
  return { stream, drained, closed };
}

async function drain(response: Response): Promise<void> {
  while (response.writableLength > 0) {
    response.take();
    await new Promise(setImmediate);
  }
}

describe('a stream', () => {
  it('stops when the reader does not read, keeps its place, and says when he does', async () => {
    const response = new Response();
    const { stream, drained } = streamTo(response);
    const hundred = Array.from({ length: 100 }, (_, index) => entry(index + 1));
    expect(stream.deliver(hundred, false)).toBe(false);
    expect(response.writableLength).toBeLessThan(300);
    expect(stream.isWritable).toBe(false);
    const { next } = stream;
    expect(next?.version).toBeLessThan(4);
    await drain(response);
    expect(drained).toEqual([stream]);
    expect(stream.isWritable).toBe(true);
    // What is read again because the place lies within it is not sent again.
    stream.deliver(hundred, false);
    await drain(response);
    const ids = response.taken.join('').match(/^id: \d+\.0$/gm);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids?.slice(0, 3)).toEqual(['id: 0.0', 'id: 1.0', 'id: 2.0']);
    expect(stream.next?.version).toBeGreaterThan(next?.version ?? NaN);
  });

  it('keeps one request to introspect for a reader that does not read', async () => {
    const response = new Response();
    const { stream } = streamTo(response);
    stream.deliver([entry(1), entry(2)], true);
    for (const n of [1, 2, 3]) stream.request(eventFrame({ type: 'R', data: `request ${n}` }));
    await drain(response);
    await drain(response);
    expect(response.taken.join('').match(/request \d/g)).toEqual(['request 3']);
  });

  it('says something when it was silent for long', () => {
    const response = new Response();
    const began = performance.now();
    const { stream } = streamTo(response);
    const limits = { silentMs: 15_000, stalledMs: 60_000 };
    stream.tick(began + 14_000, limits);
    const before = response.writableLength;
    stream.tick(performance.now() + 16_000, limits);
    expect(response.writableLength).toBe(before + ': \n\n'.length);
  });

  it('lets a reader go that has not read for long', async () => {
    const response = new Response();
    const began = performance.now();
    const { stream, closed } = streamTo(response);
    stream.deliver([entry(1), entry(2)], true);
    const limits = { silentMs: 15_000, stalledMs: 60_000 };
    stream.tick(began + 59_000, limits);
    expect(response.destroyed).toBe(false);
    stream.tick(performance.now() + 61_000, limits);
    await new Promise(setImmediate);
    expect(closed).toEqual([stream]);
  });
});

describe('frames', () => {
  it('keep the lines of what others wrote to the log', () => {
    const frame = eventFrame({ id: '1.0', type: 'T', data: '{\n "a": 1\r\n}' });
    expect(frame).toBe('id: 1.0\nevent: T\ndata: {\ndata:  "a": 1\ndata: }\n\n');
  });
});

describe('the hub', () => {
  const LIMITS: EventHubLimits = { maxStreams: 2, silentMs: 15_000, stalledMs: 60_000 };
  const rows = (): Promise<{ rows: unknown[] }> => Promise.resolve({ rows: [] });

  function hub(query: () => Promise<{ rows: unknown[] }> = rows, bus = new TestBus()) {
    const database = { pool: { query } } as unknown as Database;
    return new EventHub(database, bus, createLog('silent'), LIMITS, new StreamSlots(LIMITS.maxStreams));
  }
  const reply = (raw: Response) => ({ raw, hijack: () => undefined }) as unknown as Parameters<EventHub['open']>[2];

  it('has room for so many streams, and for another when one has gone', async () => {
    const sut = hub();
    const first = new Response();
    await sut.open('a', null, reply(first));
    await sut.open('a', null, reply(new Response()));
    await expect(sut.open('b', null, reply(new Response()))).rejects.toMatchObject({ type: 'too-many-streams' });
    first.destroy();
    await new Promise(setImmediate);
    await sut.open('b', null, reply(new Response()));
    sut.beforeApplicationShutdown();
  });

  it('follows the log as long as there is a stream, and no longer', async () => {
    const bus = new TestBus();
    const sut = hub(rows, bus);
    expect(bus.followers.size).toBe(0);
    for (let time = 1; time <= 2; time++) {
      const [one, other] = [new Response(), new Response()];
      await sut.open('a', null, reply(one));
      await sut.open('b', null, reply(other));
      one.destroy();
      await new Promise(setImmediate);
      expect(bus.followers.size).toBe(1);
      other.destroy();
      await new Promise(setImmediate);
      expect(bus.followers.size).toBe(0);
    }
    sut.beforeApplicationShutdown();
  });

  it('says something on silent streams every 15 seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    try {
      const sut = hub();
      const response = new Response();
      await sut.open('a', null, reply(response));
      await drain(response);
      const before = response.taken.length;
      await jest.advanceTimersByTimeAsync(31_000);
      await drain(response);
      expect(response.taken.slice(before)).toEqual([': \n\n', ': \n\n']);
      sut.beforeApplicationShutdown();
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes none when it stops', async () => {
    const sut = hub();
    sut.beforeApplicationShutdown();
    await expect(sut.open('a', null, reply(new Response()))).rejects.toMatchObject({ type: 'too-many-streams' });
  });

  it('refuses while the journal cannot be asked where the stream begins, and keeps no place for it', async () => {
    let isThere = false;
    const sut = hub(() => (isThere ? rows() : Promise.reject(new Error('connection refused'))));
    for (let n = 0; n < 3; n += 1) {
      await expect(sut.open('a', null, reply(new Response()))).rejects.toMatchObject({ name: 'StateUnavailable' });
    }
    isThere = true;
    await sut.open('a', null, reply(new Response()));
    sut.beforeApplicationShutdown();
  });

  it('goes on with open streams when the journal is back', async () => {
    let isThere = true;
    let asked = 0;
    const outputs = JSON.stringify(entry(1).outputs);
    const sut = hub(() => {
      asked += 1;
      if (!isThere) return Promise.reject(new Error('connection refused'));
      return Promise.resolve({ rows: asked < 3 ? [] : [{ place: '1', version: 1, outputs, total: '10' }] });
    });
    const response = new Response();
    await sut.open('a', null, reply(response));
    while (asked < 2) await new Promise(setImmediate);
    isThere = false;
    sut.decided(['a']);
    while (asked < 3) await new Promise(setImmediate);
    isThere = true;
    const told = new Promise<void>((resolve) => {
      const look = (): void => {
        response.take();
        if (response.taken.join('').includes('id: 1.0')) resolve();
        else setImmediate(look);
      };
      look();
    });
    await told;
    expect(response.taken.join('')).toMatch(/id: 0\.0[^]*id: 1\.0\nevent: NODE_BECAME_ACTIVE/);
    sut.beforeApplicationShutdown();
  });
});
