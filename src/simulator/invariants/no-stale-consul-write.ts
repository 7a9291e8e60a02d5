import { nodeOfService } from '../world.js';
import type { Invariant } from './invariant.js';

export const noStaleConsulWrite: Invariant = {
  name: 'no-stale-consul-write',
  sentence:
    'Nothing is written to Consul for a node whose desired revision was not asked for before, nor with a revision older than the answer. (What a process that stood still writes after it had asked is for the drift audit.)',
  watch: (world, breach) => ({
    consulWritten: ({ owner, serviceId, known }) => {
      const entry = world.consul.entries().find(({ service }) => service.ID === serviceId);
      const told = known.get(nodeOfService(serviceId));
      if (told === undefined) return breach(`${owner.name} writes ${serviceId} without having asked what is desired`);
      const revision = Number(entry?.service.Meta?.['revision'] ?? Infinity);
      // A check does not say of which revision it is.
      if (entry?.check === null && revision < told) {
        breach(
          `${owner.name} writes revision ${revision} of ${serviceId} although it was told that ${told} is desired`,
        );
      }
    },
  }),
};
