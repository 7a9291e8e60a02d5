import type { Invariant } from './invariant.js';

export const noStaleConsulWrite: Invariant = {
  name: 'no-stale-consul-write',
  sentence:
    'Nothing is written to Consul but a revision that the same process has just decided, or one that is not older than the desired revision, which it asked for right before. (What a process that stood still writes after that is for the drift audit.)',
  watch: (_world, breach) => ({
    carriedOutBlindly: (owner, what) => breach(`${owner.name} carries out ${what}`),
  }),
};
