import { unsettled } from '../rest.js';
import type { Invariant } from './invariant.js';

export const nothingPending: Invariant = {
  name: 'nothing-pending',
  sentence:
    'Once faults have ended everything comes to rest: no workflow, intent or deadline is left over, every group has read its topics to their ends.',
  watch: (world, breach) => ({
    atRest: () => {
      for (const what of unsettled(world)) breach(what);
    },
  }),
};
