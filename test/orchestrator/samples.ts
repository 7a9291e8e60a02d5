import { REGISTRY_SIGNER, type MessageType } from '../../src/messages/index.js';
import type { Admission } from '../../src/orchestrator/admission.js';
import type { Context, InputType, WorkflowState } from '../../src/orchestrator/state.js';
import * as build from '../support/builders.js';
import { deepFreeze } from '../support/given.js';
import type { Sample } from '../support/table.js';
import { CONTEXT, OPEN, orchestrator, WORKFLOWS, type OrchestratorInput } from '../support/workflow.js';

/** Every choice of one value a key: `{ a: [1, 2], b: [3] }` gives `{ a: 1, b: 3 }` and `{ a: 2, b: 3 }`. */
export function choices<T extends Readonly<Record<string, readonly unknown[]>>>(
  options: T,
): readonly { readonly [Key in keyof T]: T[Key][number] }[] {
  return Object.entries(options).reduce<Record<string, unknown>[]>(
    (partly, [key, values]) => partly.flatMap((choice) => values.map((value) => ({ ...choice, [key]: value }))),
    [{}],
  ) as { [Key in keyof T]: T[Key][number] }[];
}

type Variant = {
  readonly message: OrchestratorInput;
  readonly context?: Partial<Context>;
  readonly admission?: Admission;
};

/** Number of the message in hand; those that made the states have lower ones. */
const NOW = 50;
const FULL: Admission = { ...OPEN, fleetLimit: 3 };
const DEMANDING: Admission = { ...OPEN, requiredFields: ['incarnation'] };
const REASONS = ['startup', 'request', 'capability_change', 'health_change', 'shutdown'] as const;

const announcements = {
  incarnation: [99, 100, 101, undefined],
  metadata: [{ team: 'images' }, { team: 'video' }],
  nodeType: ['effect', 'compute', 'reducer', 'toaster', '', undefined],
};
const admissions = [
  { admission: OPEN },
  { admission: FULL, context: { fleetSize: 2 } },
  { admission: FULL, context: { fleetSize: 3 } },
  { admission: DEMANDING },
];

/** Of a node of which no key is known: whoever signs is taken for it. */
const authorships = [
  { mode: 'warn', signedBy: build.KEY },
  { mode: 'required', signedBy: REGISTRY_SIGNER },
] as const;

const VARIANTS: {
  readonly [T in InputType]: (state: WorkflowState | null) => readonly Variant[];
} = {
  NODE_INTROSPECTION: () => [
    ...choices({ ...announcements, reason: REASONS, under: admissions }).map(({ under, ...fields }) => ({
      message: build.introspection(NOW, fields),
      ...under,
    })),
    ...choices({ ...announcements, reason: REASONS, authorship: authorships }).map(({ authorship, ...fields }) => ({
      message: build.introspection(NOW, fields),
      context: { authorship },
    })),
  ],
  REGISTER_NODE: () =>
    choices({
      ...announcements,
      publicKey: [undefined, build.KEY],
      acknowledgement: ['required', 'waived'] as const,
      liveness: ['heartbeat', 'none'] as const,
      under: admissions,
    }).map(({ under, ...fields }) => ({ message: build.registerNode(NOW, fields), ...under })),
  DEREGISTER_NODE: () => [undefined, 'broken'].map((reason) => ({ message: build.deregisterNode(NOW, reason) })),
  NODE_REGISTRATION_ACKED: () => [undefined, 1, 2].map((attempt) => ({ message: build.acked(NOW, attempt) })),
  NODE_HEARTBEAT: () =>
    [null, { kind: 'liveness', at: build.at(60) } as const].map((deadline) => ({
      message: build.heartbeat(NOW),
      context: { deadline, lastHeartbeatAt: build.at(45) },
    })),
  DEADLINE_PASSED: () =>
    choices({
      kind: ['ack', 'liveness', 'degraded'] as const,
      armedKind: ['ack', 'liveness', 'degraded', null] as const,
      armedAt: [49, 55],
      lastHeartbeatAt: [null, build.at(45)],
    }).map(({ kind, armedKind, armedAt, lastHeartbeatAt }) => ({
      message: build.deadlinePassed(NOW, kind, build.at(49)),
      context: { deadline: armedKind === null ? null : { kind: armedKind, at: build.at(armedAt) }, lastHeartbeatAt },
    })),
  REGISTRATION_PARTIAL: (state) => progressVariants('REGISTRATION_PARTIAL', state, [['consul'], ['postgres']]),
  REGISTRATION_COMPLETED: (state) => progressVariants('REGISTRATION_COMPLETED', state, [['consul', 'postgres']]),
  REGISTRATION_FAILED: (state) => progressVariants('REGISTRATION_FAILED', state, [[], ['consul'], ['postgres']]),
};

function progressVariants(
  type: 'REGISTRATION_PARTIAL' | 'REGISTRATION_COMPLETED' | 'REGISTRATION_FAILED',
  state: WorkflowState | null,
  confirmed: readonly (readonly ('consul' | 'postgres')[])[],
): readonly Variant[] {
  const asked = state?.requestVersion ?? 1;
  const versions = [asked - 1, asked, asked + 1, ...(state?.updates ?? []).map((update) => update.workflowVersion)];
  return choices({
    attempt: [1, 2],
    version: [...new Set(versions)].filter((version) => version > 0),
    kind: ['register', 'update', 'deregister'] as const,
    revision: [1, 4],
    confirmed,
    errors: type === 'REGISTRATION_FAILED' ? [[], [build.CONSUL_REFUSES, build.POSTGRES_REFUSES]] : [[]],
  }).map((asking) => ({ message: build.progress(NOW, type, asking) }));
}

type Decider = (admission: Admission) => ReturnType<typeof orchestrator>;

/** Samples of a pair: every state of that status with every variant of the message. */
export function samplesOf(
  status: string,
  type: MessageType,
  decider: Decider = orchestrator,
): readonly Sample<WorkflowState>[] {
  const states: readonly (readonly [string, WorkflowState | null])[] =
    status === 'none' ? [['none', null]] : Object.entries(WORKFLOWS).filter(([, state]) => state.status === status);
  return states.flatMap(([name, state]) =>
    VARIANTS[type as InputType](state).map(({ message, context, admission }) => {
      const decide = decider(admission ?? OPEN);
      const whole = deepFreeze({ ...CONTEXT, ...context });
      return {
        label: `${name} + ${JSON.stringify({ ...message.payload, ...context })}`,
        state,
        message,
        decide: (from) => decide(from, message, whole),
      };
    }),
  );
}
