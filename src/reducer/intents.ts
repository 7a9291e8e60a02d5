import type { Output } from '../messages/catalogue.js';
import type { Desired, ReducerState } from './state.js';

/** What a new desired record has in common with the one before it. */
export type Change = 'record' | 'health';

type RemoveService = Extract<
  Output<'CONSUL_INTENT'>['payload']['intent']['payload'],
  { readonly intentType: 'consul.remove_service' }
>;

/** One intent a backend for the record desired now. `before`: what Consul is known to hold of it. */
export function intentsFor(
  state: ReducerState,
  desired: Desired,
  before: ReducerState,
  change: Change,
): readonly Output[] {
  return desired.presence === 'present'
    ? [registerInConsul(state, desired, onlyHealth(desired, before, change)), upsertInPostgres(desired)]
    : [deregisterFromConsul(state, desired), deactivateInPostgres(desired)];
}

function registerInConsul(state: ReducerState, desired: Desired, only: boolean): Output<'CONSUL_INTENT'> {
  const { record } = desired;
  return toConsul(desired, {
    intentType: 'consul.register',
    nodeId: record.nodeId,
    attemptId: desired.attemptId,
    revision: desired.revision,
    health: desired.health,
    onlyHealth: only,
    otherNodeTypes: state.consulTypes.filter((type) => type !== record.nodeType),
    record,
  });
}

/** Where Consul holds the revision before, the check alone tells the difference. */
function onlyHealth({ revision }: Desired, before: ReducerState, change: Change): boolean {
  return change === 'health' && before.consul.confirmed === revision - 1;
}

function deregisterFromConsul(state: ReducerState, desired: Desired): Output<'CONSUL_INTENT'> {
  return toConsul(desired, {
    intentType: 'consul.deregister',
    nodeId: desired.record.nodeId,
    attemptId: desired.attemptId,
    revision: desired.revision,
    nodeTypes: state.consulTypes,
  });
}

/** One entry that nobody desires, whatever else Consul holds of the node. */
export function removeFromConsul(
  nodeId: string,
  removal: Omit<RemoveService, 'intentType' | 'nodeId'>,
): Output<'CONSUL_INTENT'> {
  const target = `consul://service/${removal.serviceId}`;
  const payload: RemoveService = { intentType: 'consul.remove_service', nodeId, ...removal };
  return { eventType: 'CONSUL_INTENT', payload: { nodeId, intent: { intentType: 'extension', target, payload } } };
}

function toConsul(
  { record }: Desired,
  payload: Output<'CONSUL_INTENT'>['payload']['intent']['payload'],
): Output<'CONSUL_INTENT'> {
  const target = `consul://service/onex-${record.nodeType}-${record.nodeId}`;
  return {
    eventType: 'CONSUL_INTENT',
    payload: { nodeId: record.nodeId, intent: { intentType: 'extension', target, payload } },
  };
}

function upsertInPostgres(desired: Desired): Output<'POSTGRES_INTENT'> {
  return toPostgres(desired, {
    intentType: 'postgres.upsert_registration',
    nodeId: desired.record.nodeId,
    attemptId: desired.attemptId,
    revision: desired.revision,
    state: desired.health === 'passing' ? 'active' : 'registered',
    record: desired.record,
  });
}

function deactivateInPostgres(desired: Desired): Output<'POSTGRES_INTENT'> {
  return toPostgres(desired, {
    intentType: 'postgres.deactivate_registration',
    nodeId: desired.record.nodeId,
    attemptId: desired.attemptId,
    revision: desired.revision,
  });
}

function toPostgres(
  { record }: Desired,
  payload: Output<'POSTGRES_INTENT'>['payload']['intent']['payload'],
): Output<'POSTGRES_INTENT'> {
  const target = `postgres://node_registrations/${record.nodeId}`;
  return {
    eventType: 'POSTGRES_INTENT',
    payload: { nodeId: record.nodeId, intent: { intentType: 'extension', target, payload } },
  };
}
