import { replay } from '../../runtime/replay/replay.js';
import type { Invariant } from './invariant.js';

export const journalFoldsToState: Invariant = {
  name: 'journal-folds-to-state',
  sentence:
    'Folding the journal of a node from empty through the code gives every recorded step and the stored state, to the byte.',
  watch: (world, breach) => ({
    atRest: () => {
      for (const row of world.table.rows.values()) {
        const machine = world.components.machines.get(row.machine);
        if (machine === undefined) throw new Error(`no machine is named ${row.machine}`);
        const entries = world.table.journal.get(`${row.machine} ${row.nodeId}`) ?? [];
        const { state, version, differences } = replay(machine, entries, world.plan.timings);
        const where = `${row.machine} of ${row.nodeId}`;
        if (differences[0] !== undefined) breach(`${where}: ${differences[0]}`);
        if (state !== row.text || version !== row.version)
          breach(`${where}: the fold ends in version ${version}, the row has ${row.version}`);
      }
    },
  }),
};
