import { DEADLINE_TOPICS } from '../../messages/index.js';
import type { Invariant } from './invariant.js';

export const markerInItsTopic: Invariant = {
  name: 'marker-in-its-topic',
  sentence: 'A deadline marker stands in the topic that it judges, in the partition of its node.',
  watch: (world, breach) => ({
    appended: ({ message, topic, partition }) => {
      if (message?.event_type !== 'DEADLINE_PASSED') return;
      const { kind, node_id: nodeId } = message.payload;
      if (DEADLINE_TOPICS[kind as keyof typeof DEADLINE_TOPICS] !== topic) {
        breach(`the ${String(kind)} marker of ${nodeId} stands in ${topic}`);
      }
      if (world.broker.partitionFor(topic, nodeId) !== partition)
        breach(`the marker of ${nodeId} is in a foreign partition`);
    },
  }),
};
