import type { Invariant } from './invariant.js';

export const noStaleConsulWrite: Invariant = {
  name: 'no-stale-consul-write',
  sentence:
    'Nothing is written to Consul for a node whose desired revision was not asked for before, nor with a revision older than the answer. (What a process that stood still writes after it had asked is for the drift audit.)',
  watch: (_world, breach) => ({
    carriedOutBlindly: (owner, what) => breach(`${owner.name} carries out ${what}`),
  }),
};
