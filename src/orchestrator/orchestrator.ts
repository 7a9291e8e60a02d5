import type { Admission } from './admission.js';
import { authentic } from './authenticity.js';
import { deadlinePassed } from './handlers/deadline-passed.js';
import { deregisterNode } from './handlers/deregister-node.js';
import { nodeHeartbeat } from './handlers/node-heartbeat.js';
import { nodeIntrospection } from './handlers/node-introspection.js';
import { nodeRegistrationAcked } from './handlers/node-registration-acked.js';
import { registerNode } from './handlers/register-node.js';
import { registrationCompleted } from './handlers/registration-completed.js';
import { registrationFailed } from './handlers/registration-failed.js';
import { registrationPartial } from './handlers/registration-partial.js';
import { IGNORED_REASONS, RULES } from './rules.js';
import type { Handler, InputType } from './state.js';

/** A handler for every message type that the orchestrator decides on, by the ids of contract.yaml. */
export function orchestratorHandlers(admission: Admission) {
  const byType: { readonly [T in InputType]: Handler<T> } = {
    NODE_INTROSPECTION: authentic(nodeIntrospection(admission)),
    REGISTER_NODE: authentic(registerNode(admission)),
    DEREGISTER_NODE: authentic(deregisterNode),
    NODE_REGISTRATION_ACKED: authentic(nodeRegistrationAcked),
    NODE_HEARTBEAT: authentic(nodeHeartbeat),
    DEADLINE_PASSED: authentic(deadlinePassed),
    REGISTRATION_PARTIAL: registrationPartial,
    REGISTRATION_COMPLETED: registrationCompleted,
    REGISTRATION_FAILED: registrationFailed,
  };
  return Object.entries(byType).map(([type, decide]) => ({
    id: type.toLowerCase().replaceAll('_', '-'),
    decide: decide as Handler<InputType>,
  }));
}

/** The code's side of the comparison with contract.yaml. */
export const ORCHESTRATOR_RULES = {
  ...Object.fromEntries(
    Object.entries(RULES).map(([name, { path, outputs }]) => [
      name,
      { through: path.slice(0, -1), to: path.slice(-1), outputs },
    ]),
  ),
  ...Object.fromEntries(
    IGNORED_REASONS.map((reason) => [`ignore_${reason}`, { through: [], to: [], outputs: [], ignored: reason }]),
  ),
};
