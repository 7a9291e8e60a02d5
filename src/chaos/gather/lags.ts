import { TOPIC_SUFFIXES, type TopicSuffix } from '../../messages/index.js';
import type { Broker, Offsets } from '../kafka/broker.js';
import { isActedOn } from '../faults/rubbish.js';

/** Consumer groups of the registry, without their prefix. */
const GROUPS = ['orchestrator', 'heartbeats', 'reducer', 'consul', 'postgres', 'snapshots', 'dead-letters'] as const;

export type Ends = ReadonlyMap<TopicSuffix, Offsets>;

/** Where the topics end on which the registry acts, and that of dead letters. */
export async function endsOf(broker: Broker): Promise<Ends> {
  const topics = TOPIC_SUFFIXES.filter((topic) => isActedOn(topic) || topic === 'dlq.v1');
  return new Map(await Promise.all(topics.map(async (topic) => [topic, await broker.ends(topic)] as const)));
}

/** What has not been committed yet of all that stood before `ends`, by every group that reads a topic. */
export async function lagsAt(broker: Broker, ends: Ends): Promise<{ lags: string[]; partitions: number }> {
  const lags: string[] = [];
  let partitions = 0;
  for (const [topic, endOf] of ends) {
    const readers = await readersOf(broker, topic);
    partitions += endOf.size;
    const written = [...endOf.values()].some((end) => end > 0n);
    if (readers.length === 0 && written) lags.push(`${topic}: no group has committed anything`);
    for (const { group, committed } of readers) {
      for (const [partition, end] of endOf) {
        const done = committed.get(partition) ?? 0n;
        if (done < end) lags.push(`${group}: ${end - done} behind on ${topic}/${partition}`);
      }
    }
  }
  return { lags, partitions };
}

async function readersOf(broker: Broker, topic: TopicSuffix) {
  const all = await Promise.all(
    GROUPS.map(async (group) => ({ group, committed: await broker.committed(group, topic) })),
  );
  return all.filter(({ committed }) => committed.size > 0);
}
