import { beforeEach, describe, expect, it } from '@jest/globals';
import { encode, headersOf, type Message, type TopicSuffix } from '../../src/messages/index.js';
import type { Sent } from '../../src/runtime/lanes/local-delivery.js';
import { consulHolds } from '../support/builders.js';
import { byHand, LocalLog, turn } from '../support/local-log.js';

const TOPIC: TopicSuffix = 'evt.registry-effect-result.v1';

/** A result that is published with what it says. */
function result(n: number): Sent & { readonly message: Message } {
  const { appendedAt: _, ...message } = consulHolds(n, 1);
  return { topic: TOPIC, key: 'node-1', value: encode(message), headers: headersOf(message), message };
}

/** One that its consumer has taken in the transaction that made it. */
function takenAlready(n: number): Sent {
  const { message: _, ...sent } = result(n);
  return { ...sent, taken: true };
}

/** What is known of a promise without waiting for it. */
function observe<T>(promise: Promise<T>): { readonly seen: () => Promise<T | 'pending'> } {
  let outcome: T | 'pending' = 'pending';
  void promise.then((value) => (outcome = value));
  return {
    seen: async () => {
      await turn();
      return outcome;
    },
  };
}

let log: LocalLog;
/** What becomes of the next that is handed over. */
let taking: () => Promise<void> | null;

const succeeds = (): Promise<void> => Promise.resolve();
const isNotTaken = (): null => null;

/** The topic is read on from an offset. Waits for what was handed over. */
const read = async (from = 0): Promise<readonly string[]> =>
  (await log.delivery.unseen(log.read(TOPIC, 0, from))).map(({ offset }) => offset);

beforeEach(() => {
  log = new LocalLog();
  taking = succeeds;
  log.delivery.serve([TOPIC], () => taking());
});

describe('settled', () => {
  const asked = () => observe(log.delivery.settled().then(() => 'settled' as const));

  it('is a process that has published nothing', async () => {
    expect(await asked().seen()).toBe('settled');
  });

  it('waits until what was handed over is done, although its copy is back', async () => {
    const work = byHand();
    taking = () => work.promise;
    await log.delivery.publish([result(1)]);
    const { seen } = asked();
    const copies = read();
    expect(await seen()).toBe('pending');
    work.resolve();
    expect(await copies).toEqual([]);
    expect(await seen()).toBe('settled');
  });

  it('waits until every copy is back, although what was handed over is done', async () => {
    await log.delivery.publish([result(1)]);
    await log.delivery.publish([takenAlready(2)]);
    const { seen } = asked();
    expect(await seen()).toBe('pending');
    await log.delivery.unseen(log.read(TOPIC).slice(0, 1));
    expect(await seen()).toBe('pending');
    await log.delivery.unseen(log.read(TOPIC).slice(1));
    expect(await seen()).toBe('settled');
  });

  it('waits for what is handed over while it waits', async () => {
    const [first, second] = [byHand(), byHand()];
    taking = () => first.promise;
    await log.delivery.publish([result(1)]);
    const { seen } = asked();
    taking = () => second.promise;
    await log.delivery.publish([result(2)]);
    const copies = read();
    first.resolve();
    expect(await seen()).toBe('pending');
    second.resolve();
    await copies;
    expect(await seen()).toBe('settled');
  });

  it('waits for a publish that may hand over more', async () => {
    const publish = byHand();
    log.onPublish = () => publish.promise;
    const published = log.delivery.publish([result(1)]);
    const { seen } = asked();
    expect(await seen()).toBe('pending');
    publish.resolve();
    await published;
    expect(await seen()).toBe('pending');
    await read();
    expect(await seen()).toBe('settled');
  });

  it('does not wait for what the log did not take', async () => {
    const publish = byHand();
    log.onPublish = () => publish.promise;
    const published = log.delivery.publish([result(1)]);
    const { seen } = asked();
    publish.reject(new Error('no broker'));
    await expect(published).rejects.toThrow('no broker');
    expect(await seen()).toBe('settled');
  });

  it('does not wait for the copy of what has failed: that is read like any other', async () => {
    const work = byHand();
    taking = () => work.promise;
    await log.delivery.publish([result(1)]);
    const { seen } = asked();
    expect(await seen()).toBe('pending');
    work.reject(new Error('no database'));
    expect(await seen()).toBe('settled');
  });

  it('does not wait for the copy of what its consumer did not take', async () => {
    taking = isNotTaken;
    await log.delivery.publish([result(1)]);
    expect(await asked().seen()).toBe('settled');
  });

  it('has the copies back that were read', async () => {
    await log.delivery.publish([result(1), takenAlready(2)]);
    const { seen } = asked();
    await log.delivery.unseen(log.read(TOPIC, 0, 0).slice(0, 1));
    expect(await seen()).toBe('pending');
    await read();
    expect(await seen()).toBe('settled');
  });

  it('has the copies back that the reader has passed', async () => {
    await log.delivery.publish([result(1), result(2)]);
    const { seen } = asked();
    expect(await seen()).toBe('pending');
    await read(1);
    expect(await seen()).toBe('settled');
  });

  it('has a copy back where another record stands in its place', async () => {
    await log.delivery.publish([result(1)]);
    const { seen } = asked();
    await log.delivery.unseen(log.read(TOPIC).map((copy) => ({ ...copy, appendedAt: copy.appendedAt + 60_000 })));
    expect(await seen()).toBe('settled');
  });

  it('tells all that ask', async () => {
    await log.delivery.publish([result(1)]);
    const all = [asked(), asked(), asked()];
    const seen = (): Promise<readonly string[]> => Promise.all(all.map((one) => one.seen()));
    expect(await seen()).toEqual(['pending', 'pending', 'pending']);
    await read();
    expect(await seen()).toEqual(['settled', 'settled', 'settled']);
  });
});
