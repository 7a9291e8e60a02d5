import type {
  Backend,
  EffectError,
  Input,
  MessageType,
  Output,
  PayloadOf,
  ProposedRecord,
} from '../../src/messages/index.js';

/** Messages with fixed ids and times: the message number n has the id `id(n)`, and was appended n seconds after T0. */
export const NODE = 'node-1';
export const T0 = Date.parse('2026-11-21T10:00:00.000Z');

/** Public keys of a node and of another one. */
export const KEY = 'A'.repeat(43);
export const OTHER_KEY = `${'B'.repeat(42)}A`;

export function id(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** Correlation id of message number n, where it is the root of its workflow. */
export function correlation(n: number): string {
  return `cccccccc-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** `n` seconds after T0, as RFC 3339. */
export function at(seconds: number): string {
  return new Date(T0 + seconds * 1000).toISOString();
}

export function input<T extends MessageType>(n: number, eventType: T, payload: PayloadOf<T>): Input<T> {
  return {
    eventId: id(n),
    eventType,
    eventTimestamp: at(n),
    sourceNodeId: NODE,
    correlationId: correlation(n),
    causationId: null,
    // As decoded: no message shares an object with another, or with a state.
    payload: JSON.parse(JSON.stringify(payload)) as PayloadOf<T>,
    appendedAt: T0 + n * 1000,
  } as unknown as Input<T>;
}

/** An output as a pure component gives it. */
export function out<T extends MessageType>(eventType: T, payload: PayloadOf<T>): Output<T> {
  return { eventType, payload } as unknown as Output<T>;
}

type Introspected = PayloadOf<'NODE_INTROSPECTION'>;
type Fields<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

const DESCRIBED = {
  nodeId: NODE,
  nodeType: 'effect',
  nodeVersion: '1.2.0',
  capabilities: { resize: true, draft: false, operations: ['scale', 'crop'] },
  endpoints: { api: 'http://10.0.0.1:8080/' },
  metadata: { team: 'images' },
  healthEndpoint: 'http://10.0.0.1:8080/health',
  incarnation: 100,
} as const;

/** What {@link introspection} becomes in a state. */
export const RECORD: ProposedRecord & { readonly nodeType: 'effect' } = {
  nodeId: NODE,
  nodeType: 'effect',
  nodeVersion: '1.2.0',
  capabilities: DESCRIBED.capabilities,
  capabilityTags: ['crop', 'operations', 'resize', 'scale'],
  endpoints: DESCRIBED.endpoints,
  metadata: DESCRIBED.metadata,
  healthEndpoint: DESCRIBED.healthEndpoint,
  incarnation: 100,
};

/** A field that is set to undefined is absent. */
export function introspection(n: number, fields: Fields<Introspected> = {}): Input<'NODE_INTROSPECTION'> {
  return input(n, 'NODE_INTROSPECTION', present({ ...DESCRIBED, reason: 'startup', ...fields }) as Introspected);
}

export function registerNode(n: number, fields: Fields<PayloadOf<'REGISTER_NODE'>> = {}): Input<'REGISTER_NODE'> {
  const terms = { acknowledgement: 'waived', liveness: 'none' } as const;
  const payload = present({ ...DESCRIBED, reason: 'startup', ...terms, ...fields });
  return input(n, 'REGISTER_NODE', payload as PayloadOf<'REGISTER_NODE'>);
}

export function deregisterNode(n: number, reason?: string): Input<'DEREGISTER_NODE'> {
  return input(n, 'DEREGISTER_NODE', present({ nodeId: NODE, reason }) as PayloadOf<'DEREGISTER_NODE'>);
}

export function acked(n: number, attempt?: number): Input<'NODE_REGISTRATION_ACKED'> {
  const attemptId = attempt === undefined ? undefined : id(attempt);
  return input(
    n,
    'NODE_REGISTRATION_ACKED',
    present({ nodeId: NODE, attemptId }) as PayloadOf<'NODE_REGISTRATION_ACKED'>,
  );
}

export function heartbeat(n: number): Input<'NODE_HEARTBEAT'> {
  return input(n, 'NODE_HEARTBEAT', { nodeId: NODE, uptimeSeconds: n } as PayloadOf<'NODE_HEARTBEAT'>);
}

export function deadlinePassed(
  n: number,
  kind: PayloadOf<'DEADLINE_PASSED'>['kind'],
  deadlineAt: string,
): Input<'DEADLINE_PASSED'> {
  return input(n, 'DEADLINE_PASSED', { nodeId: NODE, kind, deadlineAt });
}

type ProgressType = 'REGISTRATION_PARTIAL' | 'REGISTRATION_COMPLETED' | 'REGISTRATION_FAILED';
type Progress = PayloadOf<'REGISTRATION_PARTIAL'>;
type Asked = { readonly attempt: number; readonly version: number } & Partial<Omit<Progress, 'attemptId'>>;

const BOTH: readonly Backend[] = ['consul', 'postgres'];

/** Progress of the request that was made at `version` of the attempt number `attempt`. */
export function progress<T extends ProgressType>(n: number, type: T, { attempt, version, ...fields }: Asked): Input<T> {
  const confirmed = fields.confirmed ?? (type === 'REGISTRATION_COMPLETED' ? BOTH : []);
  return input(n, type, {
    nodeId: NODE,
    attemptId: id(attempt),
    workflowVersion: version,
    kind: 'register',
    revision: 1,
    pending: type === 'REGISTRATION_PARTIAL' ? BOTH.filter((backend) => !confirmed.includes(backend)) : [],
    errors: [],
    ...fields,
    confirmed,
  } as PayloadOf<T>);
}

export const partial = (n: number, asked: Asked): Input<'REGISTRATION_PARTIAL'> =>
  progress(n, 'REGISTRATION_PARTIAL', { confirmed: ['postgres'], ...asked });
export const completed = (n: number, asked: Asked): Input<'REGISTRATION_COMPLETED'> =>
  progress(n, 'REGISTRATION_COMPLETED', asked);
export const failed = (n: number, asked: Asked): Input<'REGISTRATION_FAILED'> =>
  progress(n, 'REGISTRATION_FAILED', asked);

export const CONSUL_REFUSES: EffectError = {
  backend: 'consul',
  errorCode: 'CONSUL_VALIDATION_ERROR',
  errorMessage: 'invalid service name',
};
export const POSTGRES_REFUSES: EffectError = {
  backend: 'postgres',
  errorCode: 'POSTGRES_VALIDATION_ERROR',
  errorMessage: 'value too long',
};

type InitiatedFields = { readonly attempt: number; readonly version: number } & Partial<
  Omit<PayloadOf<'NODE_REGISTRATION_INITIATED'>, 'attemptId' | 'workflowVersion'>
>;

export function initiated(
  n: number,
  { attempt, version, ...fields }: InitiatedFields,
): Input<'NODE_REGISTRATION_INITIATED'> {
  return input(n, 'NODE_REGISTRATION_INITIATED', {
    nodeId: NODE,
    attemptId: id(attempt),
    workflowVersion: version,
    kind: 'register',
    health: fields.kind === 'update' ? 'passing' : 'critical',
    record: RECORD,
    ...fields,
  });
}

export function becameActive(n: number, attempt: number, version: number): Input<'NODE_BECAME_ACTIVE'> {
  return input(n, 'NODE_BECAME_ACTIVE', {
    nodeId: NODE,
    attemptId: id(attempt),
    workflowVersion: version,
    capabilities: RECORD.capabilities,
    livenessDeadline: at(n + 30),
  });
}

export function deregistrationInitiated(
  n: number,
  attempt: number,
  version: number,
): Input<'NODE_DEREGISTRATION_INITIATED'> {
  return input(n, 'NODE_DEREGISTRATION_INITIATED', {
    nodeId: NODE,
    attemptId: id(attempt),
    workflowVersion: version,
    reason: 'requested',
  });
}

export const CONFIRMATIONS = {
  consul: { register: 'CONSUL_REGISTERED', deregister: 'CONSUL_DEREGISTERED' },
  postgres: { register: 'POSTGRES_REGISTRATION_UPSERTED', deregister: 'POSTGRES_REGISTRATION_DEACTIVATED' },
} as const;

const OPERATIONS = {
  CONSUL_REGISTERED: 'consul.register',
  CONSUL_DEREGISTERED: 'consul.deregister',
  CONSUL_SERVICE_REMOVED: 'consul.remove_service',
  POSTGRES_REGISTRATION_UPSERTED: 'postgres.upsert_registration',
  POSTGRES_REGISTRATION_DEACTIVATED: 'postgres.deactivate_registration',
} as const;

/** The backend holds the revision. */
export function confirmed<T extends keyof typeof OPERATIONS>(n: number, type: T, revision: number): Input<T> {
  const backend = type.startsWith('CONSUL') ? 'consul' : 'postgres';
  const payload = { nodeId: NODE, backend, operation: OPERATIONS[type], revision, attemptId: id(1), durationMs: 1.5 };
  return input(n, type, payload as PayloadOf<T>);
}

export const consulHolds = (n: number, revision: number): Input<'CONSUL_REGISTERED'> =>
  confirmed(n, 'CONSUL_REGISTERED', revision);
export const postgresHolds = (n: number, revision: number): Input<'POSTGRES_REGISTRATION_UPSERTED'> =>
  confirmed(n, 'POSTGRES_REGISTRATION_UPSERTED', revision);

/** The backend will never take the revision. */
export function refused(n: number, backend: Backend, revision: number): Input<'REGISTRY_EFFECT_FAILED'> {
  const { errorCode, errorMessage } = backend === 'consul' ? CONSUL_REFUSES : POSTGRES_REFUSES;
  return input(n, 'REGISTRY_EFFECT_FAILED', {
    nodeId: NODE,
    backend,
    operation: backend === 'consul' ? 'consul.register' : 'postgres.upsert_registration',
    revision,
    attemptId: id(1),
    durationMs: 1.5,
    errorCode,
    errorMessage,
  });
}

type DriftFields = { readonly backend: Backend; readonly revision: number | null } & Partial<
  PayloadOf<'REGISTRY_DRIFT_DETECTED'>
>;

/** The audit found that the backend does not hold the revision. */
export function driftDetected(n: number, fields: DriftFields): Input<'REGISTRY_DRIFT_DETECTED'> {
  return input(n, 'REGISTRY_DRIFT_DETECTED', {
    nodeId: NODE,
    drift: 'missing',
    foundRevision: null,
    differences: [],
    entry: null,
    ...fields,
  });
}

export const GHOST = {
  consulNode: 'rollcall-7f',
  serviceId: 'onex-compute-node-1',
  serviceName: 'onex-compute',
} as const;

export function ghostFound(n: number, revision: number | null): Input<'REGISTRY_DRIFT_DETECTED'> {
  return driftDetected(n, { backend: 'consul', drift: 'ghost', revision, entry: GHOST });
}

/** Consul has no longer what {@link ghostFound} told of. */
export function ghostRemoved(n: number, revision: number): Input<'CONSUL_SERVICE_REMOVED'> {
  return confirmed(n, 'CONSUL_SERVICE_REMOVED', revision);
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
