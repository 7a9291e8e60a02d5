import { entryDiffers, rowDiffers } from '../backends/as-desired.js';
import { hasNoRecord } from '../rest.js';
import { REGISTRY_ID } from '../plan/plan.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';
import { wanted, type Wanted } from './workflow.js';

export const backendsHoldWhatIsDesired: Invariant = {
  name: 'backends-hold-what-is-desired',
  sentence:
    'Once faults have ended, and the audits have gone on for a while, Consul and node_registrations hold exactly the desired records, with their health, and nothing else of ours, unless a backend refused a record for good.',
  watch: (world, breach) => ({
    atRest: () => {
      if (hasNoRecord(world)) return;
      const known = new Map(wanted(world));
      for (const [nodeId, state] of known) {
        const { desired } = state;
        if (desired === null) continue;
        const consul = consulDiffers(world, nodeId, state);
        if (consul !== null) breach(`Consul, ${nodeId} (revision ${desired.revision}): ${consul}`);
        if (state.postgres.failure?.revision === desired.revision) continue;
        const table = rowDiffers(world.registry.rows.get(nodeId) ?? null, desired);
        if (table !== null) breach(`node_registrations, ${nodeId} (revision ${desired.revision}): ${table}`);
      }
      for (const { node, service } of ours(world)) {
        const nodeId = service.Meta?.['node_id'] ?? '';
        if ((known.get(nodeId)?.desired ?? null) === null) breach(`Consul has a ghost: ${service.ID} on ${node}`);
      }
      for (const { node_id: nodeId } of world.registry.rows.values()) {
        if (world.foreign.rows.has(nodeId)) continue;
        if ((known.get(nodeId)?.desired ?? null) === null) breach(`node_registrations has a ghost: ${nodeId}`);
      }
    },
  }),
};

function ours(world: World) {
  return world.consul.entries().filter(({ service }) => service.Meta?.['owner'] === REGISTRY_ID);
}

function consulDiffers(world: World, nodeId: string, { desired, consul }: Wanted): string | null {
  if (desired === null || consul.failure?.revision === desired.revision) return null;
  const held = ours(world).filter(({ service }) => service.Meta?.['node_id'] === nodeId);
  if (held.length > 1) return `has ${held.length} services: ${held.map(({ service }) => service.ID).join(', ')}`;
  return entryDiffers(held[0] ?? null, desired);
}
