import type { Admin, ITopicConfig } from 'kafkajs';
import { until } from './stack.js';

/**
 * Makes topics, and waits until every partition of them has a leader. A busy broker takes longer to make them than a client waits
 * for the answer, and then knows nothing of them for a moment, so both are asked again.
 */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await until(
    async () => {
      await admin.createTopics({ topics: [...topics] });
      for (const { topic } of topics) await admin.fetchTopicOffsets(topic);
      return true;
    },
    { what: `the topics ${topics.map(({ topic }) => topic).join(', ')}` },
  );
}

/** Deletes topics, those that are there. A busy broker takes longer for this, too, than a client waits for the answer. */
export async function deleteTopics(admin: Admin, topics: readonly string[]): Promise<void> {
  await until(
    async () => {
      const there = new Set(await admin.listTopics());
      const left = topics.filter((topic) => there.has(topic));
      if (left.length > 0) await admin.deleteTopics({ topics: left });
      return true;
    },
    { what: `the end of the topics ${topics.join(', ')}` },
  );
}
