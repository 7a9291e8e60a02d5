import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { TopicNames } from '../../src/messages/index.js';
import { recordsOf } from '../../src/runtime/kafka/records.js';
import { crc32c } from '../../src/runtime/kafka/tuned/crc32c.js';
import { decodeFetch } from '../../src/runtime/kafka/tuned/decode-fetch.js';
import { encodeFetch, type Fetch } from '../../src/runtime/kafka/tuned/encode-fetch.js';
import { encodeProduce, type Produce } from '../../src/runtime/kafka/tuned/encode-produce.js';
import { QuickGroups } from '../../src/runtime/kafka/tuned/grouped-quickly.js';
import { tuneKafkajs, tuningOf } from '../../src/runtime/kafka/tuned/tune-kafkajs.js';

const internals = createRequire(import.meta.url);
const NOW = 1_700_000_000_123;

type Encoded = { readonly buffer: Buffer };
type Fetched = { readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly FetchedRecord[] }[] }[] }; // prettier-ignore
type FetchedRecord = Record<'key' | 'value' | 'headers' | 'offset' | 'timestamp' | 'attributes', unknown>;
const theirs = internals('kafkajs/src/protocol/requests/produce/v3/request') as (produce: Produce) => {
  encode(): Promise<Encoded>;
};
const theirResponse = internals('kafkajs/src/protocol/requests/fetch/v11/response') as {
  decode(bytes: Buffer): Promise<Fetched>;
};
const theirCrc = internals('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ minLength: 40, maxLength: 60 }),
  fc.string({ unit: 'grapheme', minLength: 60, maxLength: 200 }),
  fc.constant('\ud800 alone'),
);
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const content: fc.Arbitrary<string | Buffer> = fc.oneof(text, bytes);
const large = fc.integer({ min: 8_000, max: 90_000 }).map((length) => 'é{"a":1}'.repeat(length / 8));
// Names that objects inherit are taken for values that were there before by kafkajs's decoder.
const name = fc.oneof(text, fc.constantFrom('event_type', 'content-type', 'traceparent')).filter((of) => !(of in {}));
const headers = fc.dictionary(name, fc.oneof(content, fc.array(content, { maxLength: 3 })), { maxKeys: 5 });
const age = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 40 }));
const message: fc.Arbitrary<Message> = fc
  .record({
    key: fc.option(content),
    value: fc.oneof<fc.WeightedArbitrary<string | Buffer | null>[]>(
      { weight: 9, arbitrary: fc.option(content) },
      { weight: 1, arbitrary: large },
    ),
    headers: fc.option(headers, { nil: undefined }),
    age: fc.option(age, { nil: undefined }),
  })
  .map(({ key, value, headers: its, age: of }) => ({
    key,
    value,
    ...(its && { headers: its }),
    ...(of !== undefined && { timestamp: String(NOW + of) }),
  }));
const messages = fc.oneof(
  fc.array(message, { minLength: 1, maxLength: 8 }),
  // More than a byte counts.
  fc.integer({ min: 63, max: 140 }).map((count) => Array.from({ length: count }, (_, at) => ({ value: String(at) }))),
);
const produce: fc.Arbitrary<Produce> = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(),
  topicData: fc.array(
    fc.record({
      topic: text,
      partitions: fc.array(fc.record({ partition: fc.nat(), firstSequence: fc.nat(), messages }), { maxLength: 3 }),
    }),
    { maxLength: 2 },
  ),
});

/** The bytes of kafkajs, with a clock that stands. */
async function theirBytes(of: Produce): Promise<Buffer> {
  const clock = Date.now;
  Date.now = () => NOW;
  try {
    return (await theirs(of).encode()).buffer;
  } finally {
    Date.now = clock;
  }
}

/** A fetch response that holds what a produce request brought. LogAppendTime where `stampedAt` is given. */
function responseWith(of: Produce, cutTo = 1, stampedAt?: number, sent = encodeProduce(of, NOW)): Buffer {
  const response = Buffer.alloc(2 * sent.length + 4096);
  let from = 8;
  let to = 10;
  const take = (length: number): void => {
    sent.copy(response, to, from, from + length);
    from += length;
    to += length;
  };
  take(4);
  for (const { topic, partitions } of of.topicData) {
    take(2 + Buffer.byteLength(topic) + 4);
    for (const { partition } of partitions) {
      const size = sent.readInt32BE(from + 4);
      from += 8;
      to = response.writeInt32BE(partition, to);
      to = response.writeInt16BE(0, to);
      for (let field = 0; field < 3; field++) to = response.writeBigInt64BE(77n + BigInt(field), to);
      to = response.writeInt32BE(1, to);
      to = response.writeBigInt64BE(9n, to);
      to = response.writeBigInt64BE(10n, to);
      to = response.writeInt32BE(-1, to);
      // Twice the same batch, at other offsets; of the second one a part may be missing.
      const second = Math.floor(size * cutTo);
      to = response.writeInt32BE(size + second, to);
      for (const [batch, length] of [
        [0, size],
        [1, second],
      ] as const) {
        const copy = Buffer.from(sent.subarray(from, from + size));
        copy.writeBigInt64BE(BigInt(batch) * 2n ** 33n, 0);
        if (stampedAt !== undefined) {
          copy.writeInt16BE(8, 21);
          copy.writeBigInt64BE(BigInt(stampedAt), 35);
        }
        to += copy.copy(response, to, 0, length);
      }
      from += size;
    }
  }
  return response.subarray(0, to);
}

const fields = (
  record: FetchedRecord & {
    readonly batchContext?: unknown;
    readonly isControlRecord?: unknown;
    readonly magicByte?: unknown;
  },
) => ({
  // prettier-ignore
  key: record.key,
  value: record.value,
  headers: record.headers,
  offset: record.offset,
  timestamp: record.timestamp,
  attributes: record.attributes,
  batchContext: record.batchContext,
  isControlRecord: record.isControlRecord,
  magicByte: record.magicByte,
});
const plain = (fetched: Fetched) => ({
  ...fetched,
  responses: fetched.responses
    .map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({ ...partition, messages: partition.messages.map(fields) })),
    }))
    .filter(({ partitions }) => partitions.length > 0),
});
const refuses = () => Promise.reject(new Error('not of the plain kind'));
const decoded = (response: Buffer) => decodeFetch(response, refuses) as unknown as Promise<Fetched>;

describe('our produce request', () => {
  it("is kafkajs's, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(produce, async (of) => {
        expect(encodeProduce(of, NOW).equals(await theirBytes(of))).toBe(true);
      }),
    );
  });

  it('is not changed by the next one', () => {
    const one = (value: string): Produce => ({
      acks: -1,
      timeout: 1,
      topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages: [{ value }] }] }],
    });
    const first = encodeProduce(one('first'), NOW);
    const copy = Buffer.from(first);
    encodeProduce(one('other'), NOW);
    expect(first.equals(copy)).toBe(true);
  });
});

it('groups messages by partition as kafkajs does, in their order, each group in one go', () => {
  type Grouping = { topic: string; partitionMetadata: unknown[]; messages: readonly Message[]; partitioner: (of: { readonly message: Message }) => number }; // prettier-ignore
  const grouped = internals('kafkajs/src/producer/groupMessagesPerPartition') as (of: Grouping) => Record<string, Message[]>; // prettier-ignore
  const group = (messages: Message[], isQuick: boolean) => {
    const asked: unknown[] = [];
    const create = () => (args: { readonly topic: string; readonly message: Message }) => {
      asked.push({ ...args });
      return Number(args.message.key);
    };
    const quick = new QuickGroups(create);
    const partitioner = isQuick ? quick.createPartitioner() : create();
    const given = isQuick ? quick.of([...messages]) : messages;
    const groups = grouped({ topic: 't', partitionMetadata: [{}], messages: given, partitioner } as never);
    return { of: Object.entries(groups), asked };
  };
  const keys = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 });
  fc.assert(
    fc.property(keys, (of) => {
      const all = of.map((key, index) => ({ key: String(key), value: String(index) }));
      expect(group(all, true)).toEqual(group(all, false));
    }),
  );
  const many = Array.from({ length: 100_000 }, (_, index) => ({ key: '7', value: String(index) }));
  const [[partition, messages] = [], ...others] = group(many, true).of;
  expect([partition, messages?.length, others]).toEqual(['7', many.length, []]);
});

it("has kafkajs's checksum of any part of any bytes", () => {
  expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283);
  fc.assert(
    fc.property(bytes, fc.nat(40), fc.nat(40), (all, from, cut) => {
      const start = Math.min(from, all.length);
      const end = Math.max(start, all.length - cut);
      expect(crc32c(all, start, end)).toBe(theirCrc(all.subarray(start, end)));
    }),
  );
});

it("makes kafkajs's fetch request, byte for byte", async () => {
  const partition = fc.record({ partition: fc.nat(), fetchOffset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String), maxBytes: fc.nat() }); // prettier-ignore
  const fetch = fc.record(
    {
      replicaId: fc.constant(-1),
      maxWaitTime: fc.nat(),
      minBytes: fc.nat(),
      maxBytes: fc.nat(),
      isolationLevel: fc.constantFrom(0, 1),
      rackId: text,
      topics: fc.array(fc.record({ topic: text, partitions: fc.array(partition) })),
    },
    { requiredKeys: ['replicaId', 'maxWaitTime', 'minBytes', 'maxBytes', 'topics'] },
  );
  const theirFetch = internals('kafkajs/src/protocol/requests/fetch/v11/request') as (
    of: Fetch,
  ) => ReturnType<typeof theirs>;
  await fc.assert(
    fc.asyncProperty(fetch, async (of) => {
      expect(encodeFetch(of).equals((await theirFetch(of).encode()).buffer)).toBe(true);
    }),
  );
});

describe('our fetch response', () => {
  it('leaves out partitions with nothing, and topics without others, unless they have an error or name a replica', async () => {
    const answered = async (errorCode: number, replica: number): Promise<number> => {
      const response = Buffer.alloc(10 + 4 + 3 + 4 + 42);
      response.writeInt32BE(1, 10);
      response.writeInt16BE(1, 14);
      response.write('t', 16);
      response.writeInt32BE(1, 17);
      response.writeInt16BE(errorCode, 25);
      response.writeInt32BE(replica, 55);
      return (await decoded(response)).responses[0]?.partitions.length ?? 0;
    };
    expect([await answered(0, -1), await answered(1, -1), await answered(0, 2)]).toEqual([0, 1, 1]);
  });

  const cut = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 0.999, noNaN: true }));

  it("is kafkajs's, whole or cut off, stamped by the broker or not", async () => {
    await fc.assert(
      fc.asyncProperty(produce, cut, fc.option(fc.nat(), { nil: undefined }), async (of, cutTo, stampedAt) => {
        const response = responseWith(of, cutTo, stampedAt);
        expect(isDeepStrictEqual(plain(await decoded(response)), plain(await theirResponse.decode(response)))).toBe(
          true,
        );
      }),
    );
  });

  it('makes the same records of the log', async () => {
    const names = new TopicNames('dev');
    const batchOf = (fetched: Fetched) =>
      ({ topic: 'dev.dlq.v1', partition: 3, messages: fetched.responses[0]?.partitions[0]?.messages }) as never;
    const read = (fetched: Fetched) =>
      recordsOf(names, batchOf(fetched)).map(({ topic, topicName, partition, offset, key, value, headers: its, appendedAt }) => ({ topic, topicName, partition, offset, key, value, headers: its, appendedAt })); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(messages, async (sent) => {
        const partitions = [{ partition: 0, firstSequence: 0, messages: sent }];
        const response = responseWith({ acks: -1, timeout: 1, topicData: [{ topic: 't', partitions }] });
        expect(isDeepStrictEqual(read(await decoded(response)), read(await theirResponse.decode(response)))).toBe(true);
      }),
    );
  });

  it('keeps names to which JavaScript gives a meaning', async () => {
    const its = JSON.parse('{"__proto__":["a","b"],"constructor":"c"}') as Record<string, string>;
    const partitions = [{ partition: 0, firstSequence: 0, messages: [{ value: 'x', headers: its }] }];
    const response = responseWith({ acks: -1, timeout: 1, topicData: [{ topic: 't', partitions }] });
    const [message] = (await decoded(response)).responses[0]?.partitions[0]?.messages ?? [];
    const texts = (message as unknown as { readonly texts: object }).texts;
    expect(JSON.stringify(texts)).toBe('{"__proto__":["a","b"],"constructor":"c"}');
  });

  it('leaves compressed and old formats to kafkajs', async () => {
    const partitions = [{ partition: 0, firstSequence: 0, messages: [{ value: 'x' }] }];
    const response = responseWith({ acks: -1, timeout: 1, topicData: [{ topic: 't', partitions }] }, 0);
    const batch = response.length - 69 - 1;
    for (const [at, value] of [
      [22, 1],
      [16, 1],
    ] as const) {
      const other = Buffer.from(response);
      const start = other.indexOf(Buffer.from([0, 0, 0, 0, 2]), batch - 8) - 12;
      other.writeInt8(value, start + at);
      const fetched = await decodeFetch(other, (of) => Promise.resolve([{ left: of.length }]));
      expect(fetched.responses[0]?.partitions[0]?.messages).toEqual([{ left: response.length - start }]);
    }
  });
});

it('leaves a kafkajs that it does not know as it is, and says so', () => {
  expect(tuningOf('2.3.0')).toEqual({ tuned: false, reason: expect.stringContaining('2.3.0') });
});

describe('a tuned kafkajs', () => {
  type Queue = { push(request: object): void; throttledUntil: number; throttleCheckTimeoutId: unknown; destroy(): void; checkPendingRequests(): void; maybeThrottle(ms: number): void; fulfillRequest(of: object): void }; // prettier-ignore
  let queue: Queue;
  const sent: number[] = [];
  const push = (correlationId: number) =>
    queue.push({
      entry: { correlationId, resolve: () => undefined, reject: () => undefined },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    });

  beforeAll(() => {
    expect(tuneKafkajs()).toEqual({ tuned: true });
    const RequestQueue = internals('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
    const logger = { debug: () => undefined };
    queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1000, logger, clientId: 'c', broker: 'b' });
  });

  it('encodes and decodes with our parts', async () => {
    const { requests } = internals('kafkajs/src/protocol/requests') as {
      readonly requests: Record<'Produce' | 'Fetch', { protocol(of: { version: number }): (args: object) => Made }>;
    };
    type Made = {
      readonly request: { encode(): Promise<Encoded> };
      readonly response: { decode(bytes: Buffer): Promise<Fetched>; readonly parse: unknown };
    };
    const partitions = [{ partition: 0, firstSequence: 0, messages: [{ value: 'x', timestamp: String(NOW) }] }];
    const of: Produce = { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions }] };
    const call = requests.Produce.protocol({ version: 7 });
    expect((await call({ ...of, compression: 0 }).request.encode()).buffer).toEqual(await theirBytes(of));
    // A transaction is none of ours.
    const transaction = await call({ ...of, transactionalId: 'mine' }).request.encode();
    expect(transaction.buffer.includes('mine')).toBe(true);
    const { response } = requests.Fetch.protocol({ version: 11 })({
      topics: [],
      maxWaitTime: 1,
      minBytes: 1,
      maxBytes: 1,
    });
    const [fetched] = (await response.decode(responseWith(of))).responses[0]?.partitions[0]?.messages ?? [];
    expect([fetched?.constructor.name, typeof response.parse]).toEqual(['FetchedMessage', 'function']);
    const zipped = (await call({ ...of, compression: 1 }).request.encode()).buffer;
    const [old] = (await response.decode(responseWith(of, 1, undefined, zipped))).responses[0]?.partitions[0]?.messages ?? []; // prettier-ignore
    expect(String(old?.value)).toBe('x');
    expect(old?.constructor.name).not.toBe('FetchedMessage');
  });

  it('does not wake up while nothing waits, and sends what waits when it can', () => {
    push(1);
    expect([sent, queue.throttleCheckTimeoutId]).toEqual([[1], null]);
    push(2);
    expect(sent).toEqual([1]);
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
    queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 });
    expect(sent).toEqual([1, 2]);
    queue.destroy();
    queue.fulfillRequest({ correlationId: 2, payload: Buffer.alloc(0), size: 0 });
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
