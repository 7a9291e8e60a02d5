import { reduce } from '../../src/reducer/reduce.js';
import type { ReducerInput, ReducerState, Step } from '../../src/reducer/state.js';
import * as build from './builders.js';
import { deepFreeze, scenarios } from './given.js';

export const given = scenarios<ReducerState, ReducerInput, object, Step>(reduce, {});

/** The state at the end of a path from idle; every message on it must have an effect. */
export function desireAfter(...messages: readonly ReducerInput[]): ReducerState {
  let state: ReducerState | null = null;
  for (const message of messages) {
    const step: Step = reduce(state, message);
    if (step.ignored !== null) throw new Error(`${message.eventType} ${message.eventId} has no effect: ${step.rule}`);
    state = step.state;
  }
  if (state === null) throw new Error('a path needs at least one message');
  return deepFreeze(state);
}

const {
  initiated,
  becameActive,
  deregistrationInitiated,
  consulHolds,
  postgresHolds,
  confirmed,
  refused,
  driftDetected,
  ghostFound,
} = build;

const REGISTERING = [initiated(1, { attempt: 1, version: 1 })];
const REGISTERED = [...REGISTERING, consulHolds(2, 1), postgresHolds(3, 1)];
const ACTIVATING = [...REGISTERED, becameActive(4, 1, 3)];
const ACTIVE = [...ACTIVATING, consulHolds(5, 2), postgresHolds(6, 2)];
const UPDATING = [
  ...ACTIVE,
  initiated(7, { attempt: 1, version: 4, kind: 'update', record: { ...build.RECORD, metadata: {} } }),
];
const DEREGISTERING = [...ACTIVE, deregistrationInitiated(7, 1, 4)];
const TOASTER = { ...build.RECORD, nodeType: 'toaster' };

/** States of every status, each by a path that the messages of a node can take. */
export const DESIRES = {
  registering: desireAfter(...REGISTERING),
  consulRefused: desireAfter(...REGISTERING, refused(2, 'consul', 1)),
  activating: desireAfter(...ACTIVATING),
  activatingWhileDegraded: desireAfter(...REGISTERING, postgresHolds(2, 1), becameActive(4, 1, 3)),
  updating: desireAfter(...UPDATING),
  deregistering: desireAfter(...DEREGISTERING),
  consulHolds: desireAfter(...REGISTERING, consulHolds(2, 1)),
  postgresHolds: desireAfter(...REGISTERING, postgresHolds(2, 1)),
  consulPassing: desireAfter(...ACTIVATING, consulHolds(5, 2)),
  postgresActive: desireAfter(...ACTIVATING, postgresHolds(5, 2)),
  consulForgot: desireAfter(...DEREGISTERING, confirmed(8, 'CONSUL_DEREGISTERED', 3)),
  registered: desireAfter(...REGISTERED),
  active: desireAfter(...ACTIVE),
  absent: desireAfter(
    ...DEREGISTERING,
    confirmed(8, 'CONSUL_DEREGISTERED', 3),
    confirmed(9, 'POSTGRES_REGISTRATION_DEACTIVATED', 3),
  ),
  fenced: desireAfter(deregistrationInitiated(1, 1, 5)),
  refusedFirst: desireAfter(initiated(1, { attempt: 1, version: 1, record: TOASTER })),
  refusedWhilePending: desireAfter(...REGISTERING, initiated(2, { attempt: 2, version: 2, record: TOASTER })),
  refusedAfterOneFailed: desireAfter(
    ...REGISTERING,
    refused(2, 'consul', 1),
    initiated(3, { attempt: 2, version: 2, record: TOASTER }),
  ),
  halfFailed: desireAfter(...REGISTERING, postgresHolds(2, 1), refused(3, 'consul', 1)),
  bothFailed: desireAfter(...REGISTERING, refused(2, 'postgres', 1), refused(3, 'consul', 1)),
  activationFailed: desireAfter(...ACTIVATING, refused(5, 'consul', 2), postgresHolds(6, 2)),
  postgresActivationFailed: desireAfter(...ACTIVATING, refused(5, 'postgres', 2), consulHolds(6, 2)),
  allActivationsFailed: desireAfter(...ACTIVATING, refused(5, 'consul', 2), refused(6, 'postgres', 2)),
  consulLost: desireAfter(...ACTIVE, driftDetected(7, { backend: 'consul', revision: 2 })),
  overtaken: desireAfter(...ACTIVE, driftDetected(7, { backend: 'postgres', revision: 2, foundRevision: 9 })),
  ghostOfNobody: desireAfter(ghostFound(1, null)),
} as const satisfies Record<string, ReducerState>;
