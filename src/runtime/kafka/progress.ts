import type { Admin } from 'kafkajs';
import type { Progress } from '../transport.js';

export type TopicProgress = Progress & {
  /** Full name. */
  readonly topic: string;
};

/**
 * How far a group has come in every partition of the topics. What it has committed is asked before the ends, so that a group
 * never seems further than it is. Where it has not committed, or where the log has forgotten what comes next for it,
 * it stands at the first record that is left.
 */
export async function progressOf(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<readonly TopicProgress[]> {
  const committed = new Map<string, bigint>();
  for (const { topic, partitions } of await admin.fetchOffsets({ groupId, topics: [...topics] })) {
    for (const { partition, offset } of partitions) committed.set(`${topic}/${partition}`, BigInt(offset));
  }
  const ends = await Promise.all(
    topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
  );
  return ends.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, high, low }) => ({
      topic,
      partition,
      end: BigInt(high),
      committed: later(committed.get(`${topic}/${partition}`), BigInt(low)),
    })),
  );
}

/** "No offset" is -1, or -2 after kafkajs has reset a group to the beginning: below every low watermark. */
function later(committed: bigint | undefined, low: bigint): bigint {
  return committed === undefined || committed < low ? low : committed;
}
