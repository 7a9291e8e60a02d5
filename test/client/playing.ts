import { jest } from '@jest/globals';
import type { AnswerType } from '../../src/client/index.js';
import { Member } from '../../src/client/member.js';
import type { JoinOptions } from '../../src/client/sdk.js';
import { settle } from '../../src/client/settled.js';
import { answer } from './answers.js';
import { FakeTransport } from './fake-transport.js';

export const INCARNATION = 1000;

export const EVENTS = [
  'accepted',
  'active',
  'rejected',
  'expired',
  'updated',
  'updateFailed',
  'converged',
  'removed',
  'lost',
  'found',
  'left',
  'error',
] as const;

/** A node that has joined by a transport of its test; time is the test's, too. */
export class Playing {
  readonly transport = new FakeTransport();
  readonly member: Member;
  /** Names of what was told, and what it told. */
  readonly told: (readonly [event: string, what: unknown])[] = [];

  constructor(options: Partial<JoinOptions> = {}, without: readonly string[] = []) {
    const given = { nodeId: 'n-1', nodeType: 'effect', registry: { url: 'http://127.0.0.1:1' }, signals: false, ...options }; // prettier-ignore
    this.member = new Member(settle(given as JoinOptions, INCARNATION));
    for (const event of EVENTS) {
      if (!without.includes(event)) this.member.on(event, (what?: unknown) => this.told.push([event, what]));
    }
  }

  async joined(): Promise<this> {
    this.member.begin(() => Promise.resolve(this.transport));
    await pass(0);
    return this;
  }

  /** Accepted, ready, and active. */
  async active(): Promise<this> {
    await this.joined();
    this.answer('NODE_REGISTRATION_ACCEPTED');
    await pass(0);
    this.answer('NODE_BECAME_ACTIVE');
    await pass(0);
    return this;
  }

  /** The registry answers in the present workflow. */
  answer(type: AnswerType, attemptId?: string): void {
    this.transport.tell(answer(type, { correlationId: this.correlationId, ...(attemptId === undefined ? {} : { attemptId }) })); // prettier-ignore
  }

  /** Of the present workflow. */
  get correlationId(): string {
    return this.transport.last.correlationId;
  }

  get events(): readonly string[] {
    return this.told.map(([event]) => event);
  }
}

/** Lets so much time pass, and everything happen that happens in it. */
export async function pass(milliseconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(milliseconds);
}
