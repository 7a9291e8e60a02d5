import type { Invariant } from './invariant.js';
import { outputIds } from './nothing-committed-early.js';

export const nothingLost: Invariant = {
  name: 'nothing-lost',
  sentence:
    'Whatever the journal holds as an output is in the log in the end, and every record that a component reads is behind its group.',
  watch: (world, breach) => {
    const published = new Set<string>();
    return {
      appended: ({ message }) => {
        if (message !== null) published.add(message.event_id);
      },
      atRest: () => {
        for (const { machine, nodeId, rule, outputs } of world.table.entries.values()) {
          for (const id of outputIds(outputs)) {
            if (!published.has(id)) breach(`output ${id} of ${rule} (${machine}, ${nodeId}) never came into the log`);
          }
        }
      },
    };
  },
};
