import type { Invariant } from './invariant.js';

export const foreignStays: Invariant = {
  name: 'foreign-stays',
  sentence: 'What others have put into Consul or into node_registrations is never written nor removed.',
  watch: (world, breach) => ({
    consulWritten: ({ owner, consulNode, serviceId }) => {
      if (world.foreign.entries.has(`${consulNode} ${serviceId}`)) {
        breach(`${owner.name} has written ${serviceId} on ${consulNode}, which is not ours`);
      }
    },
    tableWritten: ({ owner, nodeId }) => {
      if (world.foreign.rows.has(nodeId)) breach(`${owner.name} has written the row ${nodeId}, which is not ours`);
    },
    atRest: () => {
      for (const [place, text] of world.foreign.entries) {
        const [node = '', id = ''] = place.split(' ');
        const entry = world.consul.page(node)?.services.get(id);
        if (JSON.stringify(entry?.service) !== text) breach(`${id} on ${node}, which is not ours, is not as it was`);
      }
      for (const [nodeId, text] of world.foreign.rows) {
        if (JSON.stringify(world.registry.rows.get(nodeId)) !== text) breach(`the row ${nodeId} is not as it was`);
      }
    },
  }),
};
