import { createHash, randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { decode, TOPIC_SUFFIXES, topicOf, type TopicNames, type TopicSuffix } from '../../messages/index.js';
import type { LogRecord } from '../evidence.js';
import { RUBBISH_HEADER } from '../faults/rubbish.js';
import type { Broker } from './broker.js';

/** Effects tell how long they took, and a repetition takes another time. */
const RESULTS = topicOf('CONSUL_REGISTERED');
const DURATION = /"duration_ms":[\d.]+/;
const WITHOUT_PROGRESS_MS = 30_000;

/** Every record that is in the topics at the moment of the call. Rejects when nothing comes for half a minute. */
export async function readLog(broker: Broker, names: TopicNames): Promise<LogRecord[]> {
  const left = new Map<string, number>();
  for (const topic of TOPIC_SUFFIXES) {
    for (const [partition, end] of await broker.ends(topic))
      if (end > 0n) left.set(`${topic} ${partition}`, Number(end));
  }
  const groupId = `rollcall-chaos-${randomUUID()}`;
  const consumer = broker.kafka.consumer({ groupId, allowAutoTopicCreation: false });
  const records: LogRecord[] = [];
  const next = new Map<string, number>();
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: TOPIC_SUFFIXES.map((topic) => names.full(topic)), fromBeginning: true });
    await untilRead(consumer, left, ({ batch }) => {
      const topic = names.suffix(batch.topic);
      const place = `${topic} ${batch.partition}`;
      for (const message of batch.messages) {
        const offset = Number(message.offset);
        if (offset < (next.get(place) ?? 0)) continue; // comes again after a rebalance
        next.set(place, offset + 1);
        records.push(recordOf(topic, batch.partition, message));
      }
      // The last offset of a batch may be one that holds no record.
      if (Number(batch.lastOffset()) + 1 >= (left.get(place) ?? Infinity)) left.delete(place);
    });
  } finally {
    await consumer.disconnect();
    await broker.deleteGroup(groupId);
  }
  return records.sort(
    (one, other) =>
      one.topic.localeCompare(other.topic) || one.partition - other.partition || one.offset - other.offset,
  );
}

async function untilRead(
  consumer: Consumer,
  left: ReadonlyMap<string, number>,
  read: (payload: EachBatchPayload) => void,
): Promise<void> {
  if (left.size === 0) return;
  let watch: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const waitOn = (): void => {
        clearTimeout(watch);
        const missing = (): string => [...left.keys()].join(', ');
        watch = setTimeout(() => reject(new Error(`the log could not be read: ${missing()}`)), WITHOUT_PROGRESS_MS);
      };
      waitOn();
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachBatch: (payload) => {
            read(payload);
            waitOn();
            if (left.size === 0) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    clearTimeout(watch);
  }
}

type Raw = EachBatchPayload['batch']['messages'][number];

function recordOf(topic: TopicSuffix, partition: number, { key, value, headers, offset, timestamp }: Raw): LogRecord {
  const decoded = decode(topic, { key, value });
  const text = topic === RESULTS ? value?.toString().replace(DURATION, '') : value;
  return {
    topic,
    partition,
    offset: Number(offset),
    appendedAt: Number(timestamp),
    key: key?.toString() ?? null,
    digest: createHash('sha1')
      .update(text ?? '')
      .digest('base64'),
    message: decoded.ok ? decoded.message : null,
    isRubbish: headers?.[RUBBISH_HEADER] !== undefined,
  };
}
