import { checkEntry, serviceEntry } from '../../registry-effect/consul/entries.js';
import { asRegistration } from '../../registry-effect/consul/entry-differences.js';
import { consulNames } from '../../registry-effect/consul/service-names.js';
import type { Wanted } from '../invariants/workflow.js';
import { REGISTRY_ID } from '../plan/plan.js';
import type { Entry } from './simulated-consul.js';
import type { RegistrationRow } from './registry-table.js';

type Desired = NonNullable<Wanted['desired']>;

/** What is wrong with the only entry that Consul has of a node, in words; null when it is as desired. */
export function entryDiffers(entry: Entry | null, desired: Desired): string | null {
  if (desired.presence === 'absent') return entry === null ? null : `still has ${entry.service.ID}`;
  if (entry === null) return 'has no service';
  const names = consulNames(REGISTRY_ID, desired.record.nodeId);
  const registration = asRegistration(desired as never);
  if (entry.node !== names.node) return `has its service on ${entry.node}`;
  // An activation writes the check alone: the service may be that of the revision before.
  const { revision, health } = desired;
  const allowed = (health === 'passing' ? [revision, revision - 1] : [revision]).map((one) =>
    JSON.stringify(serviceEntry(names, { ...registration, revision: one }, REGISTRY_ID)),
  );
  const service = JSON.stringify(entry.service);
  if (!allowed.includes(service)) return `has the service ${service} instead of ${allowed[0] ?? ''}`;
  const [is, should] = [JSON.stringify(entry.check), JSON.stringify(checkEntry(names, registration))];
  return is === should ? null : `has the check ${is} instead of ${should}`;
}

/** The same of its row. */
export function rowDiffers(row: RegistrationRow | null, desired: Desired): string | null {
  if (desired.presence === 'absent') {
    if (row === null) return null;
    if (row.state !== 'deregistered') return `its row is still ${row.state}`;
    return row.revision === desired.revision ? null : `its row has revision ${row.revision}`;
  }
  if (row === null) return 'has no row';
  const { record, attemptId } = desired;
  const state = desired.health === 'passing' ? 'active' : 'registered';
  if (row.state !== state) return `its row is ${row.state} instead of ${state}`;
  if (row.revision !== desired.revision) return `its row has revision ${row.revision}`;
  if (row['attempt_id'] !== attemptId) return 'its row has another attempt';
  if (row['node_type'] !== record.nodeType || row['node_version'] !== record['nodeVersion']) {
    return 'its row has another type or version';
  }
  return String(row['capability_tags']) === JSON.stringify(record.capabilityTags)
    ? null
    : 'its row has other capabilities';
}
