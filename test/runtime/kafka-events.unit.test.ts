import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { PlaceLost, type Bounds } from '../../src/runtime/events/event-source.js';
import { EVENT_TOPICS } from '../../src/runtime/events/event-topics.js';
import { Place } from '../../src/runtime/events/place.js';
import { clusterOf } from '../../src/runtime/kafka/events/cluster.js';
import type { Fetched, Partition, Wanted } from '../../src/runtime/kafka/events/log-client.js';
import { MergedReader } from '../../src/runtime/kafka/events/merged-reader.js';
import { Tail } from '../../src/runtime/kafka/events/tail.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { until } from '../support/stack.js';

const [A, B, C] = EVENT_TOPICS;
const TOPICS = [A, B, C] as const;

type Line = Partition & { readonly times: readonly number[] };

/** Brokers that answer from lists of append times, as many records of a partition at a time as they are told. */
class FakeClient {
  fetches = 0;
  closed = 0;
  failNext: Error | undefined;
  constructor(
    readonly lines: readonly Line[],
    private readonly most = 3,
    private readonly answersFor = Infinity,
  ) {}

  leaders(): Promise<ReadonlyMap<string, readonly Partition[]>> {
    const even = this.lines.filter(({ partition }) => partition % 2 === 0);
    const odd = this.lines.filter(({ partition }) => partition % 2 === 1);
    return Promise.resolve(new Map([['1', even], ['2', odd]].filter(([, led]) => led?.length !== 0) as [string, Line[]][])); // prettier-ignore
  }

  async fetch(_nodeId: string, wanted: readonly Wanted[]): Promise<readonly Fetched[]> {
    await new Promise(setImmediate);
    this.fetches += 1;
    const { failNext } = this;
    this.failNext = undefined;
    if (failNext !== undefined) throw failNext;
    const answered: Fetched[] = [];
    for (const { topic, partition, offset } of wanted) {
      const line = this.lines.find((one) => one.topic === topic && one.partition === partition);
      const records = (line?.times ?? []).slice(offset, offset + this.most).map((at, index) => recordOf(topic, partition, offset + index, at)); // prettier-ignore
      if (records.length > 0 && answered.length < this.answersFor) {
        answered.push({ topic, partition, records, next: offset + records.length });
      }
    }
    return answered;
  }

  bounds(): Promise<Bounds> {
    const first = new Place();
    for (const { topic, partition } of this.lines) first.set(topic, partition, 0);
    return Promise.resolve({ log: 'fake', first, next: endOf(this.lines) });
  }

  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

function recordOf(topic: LogRecord['topic'], partition: number, offset: number, appendedAt: number): LogRecord {
  return {
    topic,
    topicName: topic,
    partition,
    offset: String(offset),
    key: null,
    value: null,
    headers: {},
    appendedAt,
  };
}

function endOf(lines: readonly Line[]): Place {
  const place = new Place();
  for (const { topic, partition, times } of lines) place.set(topic, partition, times.length);
  return place;
}

const lines = fc
  .array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }), { minLength: 6, maxLength: 6 })
  .map((all) =>
    all.map((times, index): Line => {
      const sorted = [...times].sort((a, b) => a - b);
      return { topic: TOPICS[index % 3] ?? A, partition: Math.floor(index / 3), times: sorted };
    }),
  );

describe('reading several partitions', () => {
  it('tells all records between two places once, by their time, each partition in its order', async () => {
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        async (all, most, answers) => {
          const reader = new MergedReader(new FakeClient(all, most, answers), new Place(), TOPICS);
          const told: LogRecord[] = [];
          for (;;) {
            const records = await reader.next(endOf(all));
            if (records.length === 0) break;
            told.push(...records);
          }
          for (const { topic, partition, times } of all) {
            const own = told.filter((record) => record.topic === topic && record.partition === partition);
            expect(own.map(({ offset }) => Number(offset))).toEqual([...times.keys()]);
          }
          expect(told.map(({ appendedAt }) => appendedAt)).toEqual(told.map(({ appendedAt }) => appendedAt).sort((a, b) => a - b)); // prettier-ignore
        },
      ),
    );
  });

  it('goes no further than it is told, and on from there', async () => {
    const all: Line[] = [
      { topic: A, partition: 0, times: [1, 3, 5, 7] },
      { topic: B, partition: 0, times: [2, 4, 6] },
    ];
    const reader = new MergedReader(new FakeClient(all, 10), Place.of([[A, [1]]]), TOPICS);
    const times = async (to: Place) => (await reader.next(to)).map(({ appendedAt }) => appendedAt);
    const half = Place.of([
      [A, [3]],
      [B, [1]],
    ] as const);
    expect(await times(half)).toEqual([2, 3, 5]);
    expect(await times(half)).toEqual([]);
    expect(await times(endOf(all))).toEqual([4, 6, 7]);
    expect(await times(endOf(all))).toEqual([]);
  });

  it('reads only the topics that it is for', async () => {
    const all: Line[] = [
      { topic: A, partition: 0, times: [1] },
      { topic: B, partition: 0, times: [2] },
    ];
    const reader = new MergedReader(new FakeClient(all), new Place(), [B]);
    expect((await reader.next(endOf(all))).map(({ topic }) => topic)).toEqual([B]);
    expect(await reader.next(endOf(all))).toEqual([]);
  });

  it('says when the place is gone', async () => {
    const client = new FakeClient([{ topic: A, partition: 0, times: [1] }]);
    client.failNext = new PlaceLost('gone');
    await expect(new MergedReader(client, new Place(), TOPICS).next(endOf(client.lines))).rejects.toThrow(PlaceLost);
  });
});

describe('the tail', () => {
  const log = pino({ level: 'silent' });

  function follow(client: FakeClient, from = new Place()) {
    const heard: LogRecord[] = [];
    const losses: Place[] = [];
    const ear = {
      heard: (records: readonly LogRecord[]) => heard.push(...records),
      lost: (place: Place) => losses.push(place),
    };
    const tail = new Tail(client, from, ear, log);
    const running = tail.run();
    const stop = async (): Promise<void> => {
      tail.stop();
      await running;
    };
    return { heard, losses, stop };
  }
  const ALL: Line[] = [
    { topic: A, partition: 0, times: [1, 4, 9, 10] },
    { topic: B, partition: 0, times: [2, 3] },
    { topic: B, partition: 1, times: [5, 6] },
  ];

  it('hears everything once, of one answer by its time, and closes its connection', async () => {
    const client = new FakeClient(ALL);
    const { heard, stop } = follow(client);
    await until(() => heard.length === 8, { what: 'all records' });
    await stop();
    const ofOne = heard.filter(({ partition }) => partition === 0).map(({ appendedAt }) => appendedAt);
    expect(ofOne).toEqual([1, 2, 3, 4, 9, 10]);
    expect(client.closed).toBe(1);
  });

  it('loses nothing and hears nothing twice when brokers fail', async () => {
    const client = new FakeClient(ALL, 1);
    const { heard, stop } = follow(client);
    await until(() => heard.length >= 2, { what: 'some records' });
    client.failNext = new Error('not the leader');
    await until(() => heard.length >= 8, { what: 'all records' });
    await stop();
    const places = heard.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`);
    expect([places.length, new Set(places).size]).toEqual([8, 8]);
  });

  it('says so when the log lost its place, and goes on with what is left', async () => {
    const client = new FakeClient(ALL);
    client.failNext = new PlaceLost('gone');
    const { heard, losses, stop } = follow(
      client,
      Place.of([
        [A, [99]],
        [B, [1, 2]],
      ] as const),
    );
    await until(() => heard.length >= 5, { what: 'what is left' });
    await stop();
    expect(losses).toHaveLength(1);
    expect([losses[0]?.of(A), losses[0]?.of(B)]).toEqual([[0], [1, 2]]);
  });
});

it('kafkajs has the cluster that events are read from', () => {
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING });
  const cluster = clusterOf(kafka);
  for (const method of ['connect', 'findBroker', 'fetchTopicsOffset', 'refreshMetadataIfNecessary'] as const) {
    expect(typeof cluster[method]).toBe('function');
  }
  expect(() => clusterOf({} as Kafka)).toThrow('2.2.4');
});
