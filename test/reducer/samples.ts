import type { MessageType } from '../../src/messages/index.js';
import { reduce } from '../../src/reducer/reduce.js';
import type { ReducerInput, ReducerState } from '../../src/reducer/state.js';
import * as build from '../support/builders.js';
import { DESIRES } from '../support/desire.js';
import type { Sample } from '../support/table.js';

const NOW = 50;
const { RECORD } = build;

const RECORDS = {
  same: RECORD,
  changed: { ...RECORD, metadata: { team: 'video' } },
  'of another type': { ...RECORD, nodeType: 'compute' },
  'without id': { ...RECORD, nodeId: '' },
  'without type': { ...RECORD, nodeType: '' },
  'of an unknown type': { ...RECORD, nodeType: 'toaster' },
};

/** Versions around the one known, none of them impossible on the wire. */
function versionsAround(state: ReducerState | null): readonly number[] {
  const known = state?.workflowVersion ?? 0;
  return [known - 1, known, known + 1, known + 5].filter((version) => version > 0);
}

function revisionsAround(state: ReducerState | null): readonly number[] {
  return Array.from({ length: (state?.desired?.revision ?? 0) + 2 }, (_, revision) => revision);
}

function messagesOf(type: MessageType, state: ReducerState | null): readonly ReducerInput[] {
  const versions = versionsAround(state);
  switch (type) {
    case 'NODE_REGISTRATION_INITIATED':
      return versions.flatMap((version) =>
        (['register', 'update'] as const).flatMap((kind) =>
          Object.values(RECORDS).map((record) => build.initiated(NOW, { attempt: 1, version, kind, record })),
        ),
      );
    case 'NODE_BECAME_ACTIVE':
      return versions.flatMap((version) => [1, 2].map((attempt) => build.becameActive(NOW, attempt, version)));
    case 'NODE_DEREGISTRATION_INITIATED':
      return versions.flatMap((version) =>
        [1, 2].map((attempt) => build.deregistrationInitiated(NOW, attempt, version)),
      );
    case 'REGISTRY_EFFECT_FAILED':
      return revisionsAround(state).flatMap((revision) =>
        (['consul', 'postgres'] as const).map((backend) => build.refused(NOW, backend, revision)),
      );
    case 'CONSUL_REGISTERED':
    case 'CONSUL_DEREGISTERED':
    case 'POSTGRES_REGISTRATION_UPSERTED':
    case 'POSTGRES_REGISTRATION_DEACTIVATED':
      return revisionsAround(state).map((revision) => build.confirmed(NOW, type, revision));
    case 'CONSUL_SERVICE_REMOVED':
      return revisionsAround(state).map((revision) => build.ghostRemoved(NOW, revision));
    case 'REGISTRY_DRIFT_DETECTED':
      return [null, ...revisionsAround(state)].flatMap((revision) => [
        build.ghostFound(NOW, revision),
        ...(['consul', 'postgres'] as const).flatMap((backend) =>
          [null, 1, 90].map((foundRevision) => build.driftDetected(NOW, { backend, revision, foundRevision })),
        ),
      ]);
    default:
      throw new Error(`the reducer does not consume ${type}`);
  }
}

function of(status: string): readonly (readonly [string, ReducerState])[] {
  return Object.entries(DESIRES).filter(([, state]) => state.status === status);
}

/** Samples of a pair: every state of that status with every variant of the message. */
export function samplesOf(status: string, type: MessageType, decide = reduce): readonly Sample<ReducerState>[] {
  const states: readonly (readonly [string, ReducerState | null])[] =
    status === 'idle' ? [['idle', null], ...of(status)] : of(status);
  return states.flatMap(([name, state]) =>
    messagesOf(type, state).map((message) => ({
      label: `${name} + ${JSON.stringify(message.payload)}`,
      state,
      message,
      decide: (from) => decide(from, message),
    })),
  );
}
