import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';

const PARTITIONS = 6;
const TRY_AGAIN_AFTER_MS = 100;
const ATTEMPTS = 100;

/** Makes topics as a registry makes its own; resolves when every partition has a leader. */
export async function createTopics(brokers: readonly string[], topics: readonly string[]): Promise<void> {
  const admin = new Kafka({ clientId: 'rollcall-bench', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const configEntries = [
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
      { name: 'max.message.bytes', value: String(2 * 1024 * 1024) },
    ];
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS, configEntries })),
    });
    // A consumer that starts before the leaders are known leaves their partitions unread for ever.
    for (const topic of topics) await patiently(() => admin.fetchTopicOffsets(topic));
  } finally {
    await admin.disconnect();
  }
}

async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await sleep(TRY_AGAIN_AFTER_MS);
    }
  }
}
