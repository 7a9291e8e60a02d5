import { rowKey } from '../../runtime/journal/rows.js';
import type { Invariant } from './invariant.js';

export const oneStepFromOneState: Invariant = {
  name: 'one-step-from-one-state',
  sentence: 'The steps of a node follow one another: each raises the version by one, and no two start from one state.',
  watch: (world, breach) => {
    const versions = new Map<string, number>();
    return {
      stored: (_rows, entries) => {
        for (const { machine, nodeId, version, stateAfter, rule } of entries) {
          const key = rowKey(machine, nodeId);
          const before = versions.get(key) ?? 0;
          const expected = stateAfter === null ? before : before + 1;
          if (version !== expected) {
            breach(`${rule} of ${nodeId} (${machine}) makes version ${version} after ${before}`);
          }
          versions.set(key, version);
          const stored = world.table.rows.get(key);
          if (stored !== undefined && stored.version < version)
            breach(`the row of ${nodeId} (${machine}) is behind its journal`);
        }
      },
    };
  },
};
