import { report } from './progress.js';
import { ignore, take } from './rules.js';
import type { BackendState, Confirmation, Desired, Failure, ReducerState, Status, Step } from './state.js';

/** A backend holds a revision. */
export function confirm(before: ReducerState | null, message: Confirmation): Step {
  const { backend, revision, nodeId } = message.payload;
  const desired = before?.desired;
  if (before === null || desired === undefined || desired === null) return ignore('unknown_node', before, message);
  const known = before[backend].confirmed;
  if (revision <= known) return ignore(revision === known ? 'duplicate' : 'stale', before, message);
  if (revision > desired.revision) return ignore('stale', before, message);
  const { failure } = before[backend];
  const answered: ReducerState = {
    ...before,
    [backend]: { confirmed: revision, failure: failure !== null && failure.revision > revision ? failure : null },
    consulTypes: backend === 'consul' && revision === desired.revision ? heldTypes(desired) : before.consulTypes,
  };
  return settle(before, answered, desired, nodeId, message, ['report_confirmation', 'note_confirmation']);
}

/** A backend will never take a revision. One that is no longer desired does not matter: the newer one answers for itself. */
export function fail(before: ReducerState | null, message: Failure): Step {
  const { backend, revision, nodeId, errorCode, errorMessage } = message.payload;
  const desired = before?.desired;
  if (before === null || desired === undefined || desired === null) return ignore('unknown_node', before, message);
  const { confirmed, failure } = before[backend];
  // A ghost that cannot be removed is none of the record's: the next audit finds it again.
  if (message.payload.operation === 'consul.remove_service') return ignore('stale', before, message);
  if (revision !== desired.revision) return ignore('stale', before, message);
  if (revision <= confirmed || failure?.revision === revision) return ignore('duplicate', before, message);
  const answered: ReducerState = {
    ...before,
    [backend]: { confirmed, failure: { revision, code: errorCode, message: errorMessage } },
  };
  return settle(before, answered, desired, nodeId, message, ['report_failure', 'note_failure']);
}

function settle(
  before: ReducerState,
  answered: ReducerState,
  desired: Desired,
  nodeId: string,
  message: Confirmation | Failure,
  [told, noted]: readonly ['report_confirmation', 'note_confirmation'] | readonly ['report_failure', 'note_failure'],
): Step {
  const { state, outputs } = report(answered, nodeId);
  const settled = { ...state, status: statusOf(state, desired) };
  return take(outputs.length > 0 ? told : noted, before, settled, outputs, message);
}

/** How far the desired revision has come; failed only once every backend has answered. */
export function statusOf(state: ReducerState, { revision }: Desired): Status {
  const confirmed = count(holds(state.consul, revision), holds(state.postgres, revision));
  const failed = count(refuses(state.consul, revision), refuses(state.postgres, revision));
  if (confirmed === 2) return 'complete';
  if (confirmed + failed === 2) return 'failed';
  return confirmed === 1 ? 'partial' : 'pending';
}

function holds({ confirmed }: BackendState, revision: number): boolean {
  return confirmed === revision;
}

function refuses({ failure }: BackendState, revision: number): boolean {
  return failure?.revision === revision;
}

function count(consul: boolean, postgres: boolean): number {
  return (consul ? 1 : 0) + (postgres ? 1 : 0);
}

function heldTypes({ presence, record }: Desired): ReducerState['consulTypes'] {
  return presence === 'present' ? [record.nodeType] : [];
}
