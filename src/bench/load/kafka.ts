import { Kafka, logLevel, type Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';

const TOPICS_WITHIN_MS = 10_000;

/** The drivers' own way to the brokers. */
export function kafkaOf(brokers: readonly string[]): Kafka {
  return new Kafka({
    clientId: 'rollcall-bench',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 8 },
  });
}

/** An idle connection costs a timer of 1 ms in kafkajs, so this one does not stay. */
export async function asAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Partition -> offset of the next record. */
export type Offsets = ReadonlyMap<number, number>;

export function total(offsets: Offsets): number {
  let sum = 0;
  for (const offset of offsets.values()) sum += offset;
  return sum;
}

/** Where a topic ends. Right after it was made the broker may refuse for a moment ("not the leader"). */
export async function topicEnds(admin: Admin, topic: string): Promise<Offsets> {
  for (const until = Date.now() + TOPICS_WITHIN_MS; ; await sleep(100)) {
    try {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

/** What a group has committed of a topic; 0 where nothing is yet. */
export async function committedBy(admin: Admin, groupId: string, topic: string): Promise<Offsets> {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return new Map((answer?.partitions ?? []).map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
}
