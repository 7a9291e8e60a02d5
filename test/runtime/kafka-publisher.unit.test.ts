import { describe, expect, it } from '@jest/globals';
import { TopicNames } from '../../src/messages/index.js';
import { Publisher } from '../../src/runtime/kafka/publisher.js';
import { positionsOf, requestsFor } from '../../src/runtime/kafka/requests.js';
import type { OutgoingRecord } from '../../src/runtime/lanes/lane.js';

type SentMessage = { readonly value: string; partition?: number };
type SentTopic = { readonly topic: string; readonly messages: readonly SentMessage[] };

const NAMES = new TopicNames('dev');
const CONSUL = 'intent.consul.v1';
const POSTGRES = 'intent.postgres.v1';

/** A producer whose requests the test answers. Two partitions: a value's first character names its own. */
function byHand() {
  const requests: string[][] = [];
  const answers: { done: () => void; fail: (error: Error) => void }[] = [];
  const next = new Map<string, number>();
  const producer = {
    sendBatch: ({ topicMessages }: { readonly topicMessages: readonly SentTopic[] }) => {
      const first = new Map<string, number>();
      const values: string[] = [];
      for (const { topic, messages } of topicMessages) {
        for (const message of messages) {
          message.partition = Number(message.value[0]);
          values.push(message.value);
          const place = `${topic}/${message.partition}`;
          const offset = next.get(place) ?? 100;
          if (!first.has(place)) first.set(place, offset);
          next.set(place, offset + 1);
        }
      }
      requests.push(values);
      const answer = [...first].map(([place, baseOffset]) => ({
        topicName: place.slice(0, place.lastIndexOf('/')),
        partition: Number(place.at(-1)),
        baseOffset: String(baseOffset),
        logAppendTime: '7',
      }));
      return new Promise((done, fail) => answers.push({ done: () => done(answer), fail }));
    },
  };
  const publisher = new Publisher({ producer: () => producer } as never, NAMES);
  const settled: string[] = [];
  const publish = (name: string, ...values: readonly string[]) =>
    void publisher
      .publish(
        values.map((value) => ({ topic: value.includes('p') ? POSTGRES : CONSUL, key: 'k', value, headers: {} })),
      )
      .then(
        (positions) => settled.push(`${name}: ${positions.map((p) => `${p.partition}@${p.offset}`).join(' ')}`),
        (error: unknown) => settled.push(`${name} failed: ${(error as Error).message}`),
      );
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { publisher, requests, settled, publish, answers, turn };
}

describe('a publisher', () => {
  it('tells where each record stands, in the order of the records, over topics and partitions', async () => {
    const { settled, publish, answers, turn } = byHand();
    publish('a', '0', '1p', '1', '0', '1p', '0');
    answers[0]?.done();
    await turn();
    expect(settled).toEqual(['a: 0@100 1@100 1@100 0@101 1@101 0@102']);
  });

  it('sends what gathers behind a request as one, in order, and gives each caller its own places', async () => {
    const { requests, settled, publish, answers, turn } = byHand();
    publish('a', '0a');
    publish('b', '0b', '1b');
    publish('c', '0c');
    expect(requests).toEqual([['0a']]);
    answers[0]?.done();
    await turn();
    expect(requests).toEqual([['0a'], ['0b', '1b', '0c']]);
    expect(settled).toEqual(['a: 0@100']);
    answers[1]?.done();
    await turn();
    expect(settled).toEqual(['a: 0@100', 'b: 0@101 1@100', 'c: 0@102']);
  });

  it('fails whoever was in a request that failed, and goes on with the next', async () => {
    const { settled, publish, answers, turn } = byHand();
    publish('a', '0');
    publish('b', '0');
    publish('c', '0');
    answers[0]?.done();
    await turn();
    publish('d', '1');
    answers[1]?.fail(new Error('no leader'));
    await turn();
    answers[2]?.done();
    await turn();
    expect(settled).toEqual(['a: 0@100', 'b failed: no leader', 'c failed: no leader', 'd: 1@100']);
  });

  it('does not let small ones wait for more than one request', async () => {
    const { requests, publish, answers, turn } = byHand();
    publish('a', '0');
    publish('b', '0');
    publish('large', '0'.repeat(800_000), '0'.repeat(800_000));
    publish('c', '1');
    answers[0]?.done();
    await turn();
    answers[1]?.done();
    await turn();
    expect(requests.map((values) => values.length)).toEqual([1, 1, 1]);
    answers[2]?.done();
    await turn();
    answers[3]?.done();
    await turn();
    expect(requests.map((values) => values.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it('sends nothing for nothing', async () => {
    const { publisher, requests } = byHand();
    expect(await publisher.publish([])).toEqual([]);
    expect(requests).toEqual([]);
  });
});

describe('the places of a request', () => {
  const sent = [{ topic: 't', message: { value: 'x', partition: 1 } }];
  const answer = { topicName: 't', partition: 1, errorCode: 0, baseOffset: '5' };

  it('have the time of sending where the log does not stamp', () => {
    const place = { partition: 1, offset: 5, appendedAt: 99 };
    expect(positionsOf(sent, [{ ...answer, logAppendTime: '-1' }], 99)).toEqual([place]);
    expect(positionsOf(sent, [answer], 99)).toEqual([place]);
  });

  it('are refused when the answer does not name them', () => {
    const refusal = 'Kafka took records for t/1, and did not say where they stand';
    expect(() => positionsOf(sent, [{ ...answer, partition: 2 }], 99)).toThrow(refusal);
    expect(() => positionsOf(sent, [{ topicName: 't', partition: 1, errorCode: 0 }], 99)).toThrow(refusal);
    expect(() => positionsOf([{ topic: 't', message: { value: 'x' } }], [answer], 99)).toThrow('t/undefined');
  });
});

describe('requests to the broker', () => {
  const of = (topic: OutgoingRecord['topic'], key: string, bytes: number): OutgoingRecord => ({
    topic,
    key,
    value: 'x'.repeat(bytes),
    headers: {},
  });
  const keysOf = (records: readonly OutgoingRecord[]) =>
    requestsFor(records).map((request) => {
      const keys: Record<string, string> = {};
      for (const { topic, key } of request) keys[topic] = keys[topic] ? `${keys[topic]},${String(key)}` : String(key);
      return keys;
    });

  it('one, where all of it fits, by topic and in order', () => {
    expect(requestsFor([])).toEqual([]);
    expect(
      keysOf([of('intent.consul.v1', 'a', 1), of('intent.postgres.v1', 'b', 1), of('intent.consul.v1', 'c', 1)]),
    ).toEqual([{ 'intent.consul.v1': 'a,c', 'intent.postgres.v1': 'b' }]);
  });

  it('a new one where a topic would be too large; what follows goes with it, so that order is kept', () => {
    const half = 440_000;
    expect(
      keysOf([
        of('intent.consul.v1', 'a', half),
        of('intent.consul.v1', 'b', half),
        of('intent.postgres.v1', 'c', half),
        of('intent.consul.v1', 'd', half),
        of('intent.postgres.v1', 'e', half),
        of('intent.postgres.v1', 'f', half),
      ]),
    ).toEqual([
      { 'intent.consul.v1': 'a,b', 'intent.postgres.v1': 'c' },
      { 'intent.consul.v1': 'd', 'intent.postgres.v1': 'e,f' },
    ]);
  });

  it('one for each record that is too large to share', () => {
    expect(keysOf([of('dlq.v1', 'a', 1_000_000), of('dlq.v1', 'b', 1_000_000), of('dlq.v1', 'c', 1)])).toEqual([
      { 'dlq.v1': 'a' },
      { 'dlq.v1': 'b' },
      { 'dlq.v1': 'c' },
    ]);
  });

  it('counts bytes, not characters', () => {
    const wide = { ...of('dlq.v1', 'a', 0), value: 'ü'.repeat(300_000) };
    expect(keysOf([wide, wide])).toHaveLength(2);
  });
});
