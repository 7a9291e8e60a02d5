import { confirm, fail } from './answers.js';
import { desireAbsence, desirePassing, desireRecord } from './desire.js';
import { noteRemoval, repair } from './repair.js';
import type { ReducerInput, ReducerState, Step } from './state.js';

/**
 * Keeps, for one node, the record that both backends should hold and the revision that each holds. A new desired record
 * raises the revision and asks both backends for it; their answers, in whatever order, become progress.
 * The same state and message always give the same step, ids and times included: nothing else is read.
 */
export function reduce(state: ReducerState | null, message: ReducerInput): Step {
  switch (message.eventType) {
    case 'NODE_REGISTRATION_INITIATED':
      return desireRecord(state, message);
    case 'NODE_BECAME_ACTIVE':
      return desirePassing(state, message);
    case 'NODE_DEREGISTRATION_INITIATED':
      return desireAbsence(state, message);
    case 'CONSUL_REGISTERED':
    case 'CONSUL_DEREGISTERED':
    case 'POSTGRES_REGISTRATION_UPSERTED':
    case 'POSTGRES_REGISTRATION_DEACTIVATED':
      return confirm(state, message);
    case 'REGISTRY_EFFECT_FAILED':
      return fail(state, message);
    case 'REGISTRY_DRIFT_DETECTED':
      return repair(state, message);
    case 'CONSUL_SERVICE_REMOVED':
      return noteRemoval(state, message);
    default:
      return unreachable(message);
  }
}

function unreachable(message: never): never {
  throw new Error(`the reducer does not know ${JSON.stringify(message)}`);
}
