import { consulNames } from '../../registry-effect/consul/service-names.js';
import { REGISTRY_ID } from '../plan/plan.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';
import { wanted, type Wanted } from './workflow.js';

export const backendsHoldWhatIsDesired: Invariant = {
  name: 'backends-hold-what-is-desired',
  sentence:
    'Once faults have ended Consul and node_registrations hold exactly the desired records, with their health, unless a backend refused a record for good.',
  watch: (world, breach) => ({
    atRest: () => {
      const known = new Map(wanted(world));
      for (const [nodeId, state] of known) {
        if (state.desired === null) continue;
        const consul = world.damaged.has(nodeId) ? null : consulDiffers(world, nodeId, state);
        if (consul !== null) breach(`Consul, ${nodeId} (revision ${state.desired.revision}): ${consul}`);
        const table = tableDiffers(world, nodeId, state);
        if (table !== null) breach(`node_registrations, ${nodeId} (revision ${state.desired.revision}): ${table}`);
      }
      for (const { service } of world.consul.entries()) {
        const nodeId = service.Meta?.['node_id'] ?? '';
        if ((known.get(nodeId)?.desired ?? null) === null) breach(`Consul has a ghost: ${service.ID}`);
      }
      for (const { node_id: nodeId } of world.registry.rows.values()) {
        if ((known.get(nodeId)?.desired ?? null) === null) breach(`node_registrations has a ghost: ${nodeId}`);
      }
    },
  }),
};

function consulDiffers(world: World, nodeId: string, { desired, consul }: Wanted): string | null {
  if (desired === null || consul.failure?.revision === desired.revision) return null;
  const { serviceId } = consulNames(REGISTRY_ID, nodeId);
  const held = world.consul.entries().filter(({ service }) => service.Meta?.['node_id'] === nodeId);
  if (desired.presence === 'absent') {
    return held.length === 0 ? null : `still has ${held.map(({ service }) => service.ID).join(', ')}`;
  }
  const [entry] = held;
  if (entry === undefined) return 'has no service';
  if (held.length > 1) return `has ${held.length} services: ${held.map(({ service }) => service.ID).join(', ')}`;
  const { record } = desired;
  if (entry.service.ID !== serviceId(record.nodeType as never)) return `has the service ${entry.service.ID}`;
  const tags = ['onex', `node_type:${record.nodeType}`, ...record.capabilityTags.map((tag) => `cap:${tag}`)].join();
  if (entry.service.Tags?.join() !== tags) return `has the tags ${String(entry.service.Tags)} instead of ${tags}`;
  if (entry.check?.Status !== desired.health)
    return `is ${entry.check?.Status ?? 'without check'} instead of ${desired.health}`;
  return null;
}

function tableDiffers(world: World, nodeId: string, { desired, postgres }: Wanted): string | null {
  if (desired === null || postgres.failure?.revision === desired.revision) return null;
  const row = world.registry.rows.get(nodeId);
  if (desired.presence === 'absent') {
    return row === undefined || row.state === 'deregistered' ? null : `its row is still ${row.state}`;
  }
  if (row === undefined) return 'has no row';
  const state = desired.health === 'passing' ? 'active' : 'registered';
  if (row.state !== state) return `its row is ${row.state} instead of ${state}`;
  if (row.revision !== desired.revision) return `its row has revision ${row.revision}`;
  return String(row['capability_tags']) === JSON.stringify(desired.record.capabilityTags)
    ? null
    : 'its row has other capabilities';
}
