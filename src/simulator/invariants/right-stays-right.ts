import { entryDiffers, rowDiffers } from '../backends/as-desired.js';
import { nodeOfService, type World } from '../world.js';
import type { Invariant } from './invariant.js';
import type { Wanted } from './workflow.js';

export const rightStaysRight: Invariant = {
  name: 'right-stays-right',
  sentence:
    'No write makes an entry of a backend wrong that was as desired: no repair, and nothing else. (But in Consul, which has no fence, and where there is no row yet to fence, what is written for a revision that was desired when it was asked for.)',
  watch: (world, breach) => ({
    consulWritten: ({ owner, consulNode, serviceId, inHand, before, after }) => {
      const nodeId = nodeOfService(serviceId);
      const desired = desiredOf(world, nodeId);
      if (desired === null || (inHand.get(nodeId) ?? 0) < desired.revision) return;
      if (entryDiffers(before, desired) !== null) return;
      const differs = entryDiffers(after, desired);
      if (differs !== null) breach(`${owner.name} makes ${serviceId} on ${consulNode} wrong: it ${differs}`);
    },
    tableWritten: ({ owner, nodeId, before, after }) => {
      const desired = desiredOf(world, nodeId);
      if (desired === null || before === null || rowDiffers(before, desired) !== null) return;
      const differs = rowDiffers(after, desired);
      if (differs !== null) breach(`${owner.name} makes the row of ${nodeId} wrong: ${differs}`);
    },
  }),
};

function desiredOf(world: World, nodeId: string): Wanted['desired'] {
  const state = world.table.rows.get(`reducer ${nodeId}`)?.state as Wanted | undefined;
  return state?.desired ?? null;
}
