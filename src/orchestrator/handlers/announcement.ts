import { isoTime, type Output, type ProposedRecord } from '../../messages/index.js';
import { refusal, type Admission, type Refusal } from '../admission.js';
import { hashOf, knownIncarnation, recordFrom, changedFields, type Announcement } from '../record.js';
import { pinned, recordOfRefused, unsigned } from './own-key.js';
import { advance, ignore, take, type RuleName } from '../rules.js';
import type { Context, PendingUpdate, Step, WorkflowState } from '../state.js';

type Terms = Pick<WorkflowState, 'acknowledgement' | 'liveness'>;

type Announced = {
  readonly state: WorkflowState | null;
  readonly message: Announcement;
  readonly context: Context;
  readonly admission: Admission;
  /** What the node is held to when an attempt begins. */
  readonly terms: Terms;
  /** Whether it brings back what was deregistered. */
  readonly returns: boolean;
};

/** A node describes itself, or an operator describes it: begins an attempt, changes a record, or says nothing new. */
export function announced(announcement: Announced): Step {
  const { state, message } = announcement;
  if (isOlderIncarnation(state, message)) return ignore('stale', state, message);
  switch (state?.status) {
    case undefined:
    case 'rejected':
    case 'ack_timed_out':
    case 'liveness_expired':
      return begin(announcement);
    case 'deregistering':
    case 'deregistered':
      return announcement.returns || isNewerIncarnation(state, message)
        ? begin(announcement)
        : ignore('terminal', state, message);
    case 'pending_registration':
    case 'awaiting_ack':
    case 'active':
      return again(announcement, state);
    case 'accepted':
    case 'ack_received':
      throw new Error(`${state.status} is passed through, a node cannot rest in it`);
  }
}

function begin(announcement: Announced): Step {
  const { state, message, context, admission } = announcement;
  const record = recordFrom(message, state);
  const refused = unsigned(message, context) ?? refusal(admission, record, message, context.fleetSize);
  return refused === null ? beginAttempt('begin_attempt', announcement, record) : reject(announcement, record, refused);
}

/** A node that takes part announces itself again. */
function again(announcement: Announced, state: WorkflowState): Step {
  const { message, context, admission } = announcement;
  const record = recordFrom(message, state);
  const refused = unsigned(message, context) ?? refusal(admission, record, message, null);
  if (refused !== null) return refuse(state, message, refused);
  if (isNewerIncarnation(state, message)) return beginAttempt('restart_attempt', announcement, record);
  if (hashOf(record) === state.recordHash) return pinOrIgnore(announcement, state);
  if (state.status !== 'active') return beginAttempt('replace_attempt', announcement, record);
  return comesToLife(announcement, state)
    ? beginAttempt('restart_attempt', announcement, record)
    : beginUpdate(announcement, state, record);
}

function beginAttempt(
  name: Extract<RuleName, 'begin_attempt' | 'restart_attempt' | 'replace_attempt'>,
  announcement: Announced,
  record: ProposedRecord,
): Step {
  const { message, context, admission } = announcement;
  const state = pinned(newAttempt(announcement, record), message, context);
  return take(name, {
    state,
    outputs: [initiated(state, 'register', 'critical')],
    deadline: null,
    used: usedFleetSize(admission, context),
  });
}

/** A record of an active node changes: it stays active, and its attempt goes on. */
function beginUpdate(announcement: Announced, before: WorkflowState, record: ProposedRecord): Step {
  const { message, context } = announcement;
  const advanced = pinned(advance(before, message), message, context);
  const update = { workflowVersion: advanced.workflowVersion, changed: changedFields(before.record, record) };
  const state = { ...advanced, record, recordHash: hashOf(record), updates: withUpdate(before.updates, update) };
  return take('begin_update', {
    state,
    outputs: [initiated(state, 'update', 'passing')],
    deadline: 'keep',
  });
}

/** Nothing is new but the key, if that is. */
function pinOrIgnore({ message, context }: Announced, before: WorkflowState): Step {
  const state = pinned(advance(before, message), message, context);
  if (state.publicKey === before.publicKey) return ignore('duplicate', before, message);
  return take('pin_key', { state, outputs: [], deadline: 'keep' });
}

function initiated(
  { record, attemptId, workflowVersion }: WorkflowState,
  kind: 'register' | 'update',
  health: 'critical' | 'passing',
): Output<'NODE_REGISTRATION_INITIATED'> {
  return {
    eventType: 'NODE_REGISTRATION_INITIATED',
    payload: { nodeId: record.nodeId, attemptId, workflowVersion, kind, health, record },
  };
}

/** Bounded: while the backends are down, the oldest updates of a talkative node are reported as one. */
const MAX_PENDING_UPDATES = 16;

function withUpdate(updates: readonly PendingUpdate[], update: PendingUpdate): readonly PendingUpdate[] {
  const [first, second, ...rest] = updates;
  if (updates.length < MAX_PENDING_UPDATES || first === undefined || second === undefined) return [...updates, update];
  const merged = {
    workflowVersion: second.workflowVersion,
    changed: [...new Set([...first.changed, ...second.changed])],
  };
  return [merged, ...rest, update];
}

function reject(announcement: Announced, record: ProposedRecord, refused: Refusal): Step {
  const believed = recordOfRefused(record, refused, announcement.state);
  const state = { ...newAttempt(announcement, believed), reason: refused.reason };
  return take('reject', {
    state,
    outputs: [rejected(announcement.message, state.attemptId, refused)],
    deadline: null,
    used: usedFleetSize(announcement.admission, announcement.context),
  });
}

/** The running registration stays as it is; what is refused is not part of its attempt. */
function refuse(state: WorkflowState, message: Announcement, refused: Refusal): Step {
  return take('refuse', {
    state: advance(state, message),
    outputs: [rejected(message, message.eventId, refused)],
    deadline: 'keep',
    correlationId: message.correlationId,
  });
}

function rejected(message: Announcement, attemptId: string, { code, reason }: Refusal) {
  return {
    eventType: 'NODE_REGISTRATION_REJECTED',
    payload: { nodeId: message.payload.nodeId, attemptId, reasonCode: code, reason },
  } as const;
}

function newAttempt({ state, message, terms }: Announced, record: ProposedRecord): WorkflowState {
  const workflowVersion = (state?.workflowVersion ?? 0) + 1;
  return {
    status: 'pending_registration',
    workflowVersion,
    attemptId: message.eventId,
    correlationId: message.correlationId,
    acknowledgement: terms.acknowledgement,
    liveness: terms.liveness,
    livenessWindowMs: null,
    degraded: false,
    consulRegistered: false,
    postgresRegistered: false,
    revision: state?.revision ?? 0,
    requestVersion: workflowVersion,
    updates: [],
    record,
    recordHash: hashOf(record),
    reason: null,
    registeredAt: state?.registeredAt ?? null,
    activeSince: null,
    updatedAt: isoTime(message.appendedAt),
    ...(state?.publicKey === undefined ? {} : { publicKey: state.publicKey }),
  };
}

function usedFleetSize(admission: Admission, context: Context): Step['used'] {
  return admission.fleetLimit === null ? null : { fleetSize: context.fleetSize };
}

/** An absent incarnation is never compared; of a node that is gone for good, the old number no longer counts. */
export function isOlderIncarnation(state: WorkflowState | null, message: Announcement): boolean {
  if (state === null || state.status === 'deregistered') return false;
  const { payload } = message;
  const known = knownIncarnation(state, message);
  return known !== null && payload.incarnation !== undefined && payload.incarnation < known;
}

function isNewerIncarnation(state: WorkflowState, message: Announcement): boolean {
  const { payload } = message;
  const known = knownIncarnation(state, message);
  return known !== null && payload.incarnation !== undefined && payload.incarnation > known;
}

/**
 * Of what was registered on other terms, excused from ack or heartbeats as a rule, a process says for the first time when it began:
 * from here on it is held to the terms of that announcement.
 */
function comesToLife({ message, terms }: Announced, state: WorkflowState): boolean {
  const isFirst = state.record.incarnation === null && message.payload.incarnation !== undefined;
  return isFirst && (terms.acknowledgement !== state.acknowledgement || terms.liveness !== state.liveness);
}
