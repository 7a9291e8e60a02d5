import { isoTime, type Backend, type Input, type Output } from '../../messages/index.js';
import { advance, take, type RuleName } from '../rules.js';
import type { Context, Step, WorkflowState } from '../state.js';

/** What the backends have confirmed so far. */
export type Confirmed = { readonly backends: readonly Backend[]; readonly revision: number };

/** Accepts a pending node; degraded when a backend is missing. Waived acknowledgement makes it active at once. */
export function accept(before: WorkflowState, message: Input, context: Context, confirmed: Confirmed): Step {
  const degraded = confirmed.backends.length < 2;
  const advanced = advance(before, message);
  const waived = before.acknowledgement === 'waived';
  const state: WorkflowState = {
    ...advanced,
    degraded,
    consulRegistered: confirmed.backends.includes('consul'),
    postgresRegistered: confirmed.backends.includes('postgres'),
    revision: confirmed.revision,
    registeredAt: before.registeredAt ?? advanced.updatedAt,
    activeSince: waived ? advanced.updatedAt : null,
    livenessWindowMs: before.liveness === 'none' ? null : context.timings.livenessWindowMs,
  };
  const { ackTimeoutMs, heartbeatIntervalMs } = context.timings;
  const accepted: Output<'NODE_REGISTRATION_ACCEPTED'> = {
    eventType: 'NODE_REGISTRATION_ACCEPTED',
    payload: {
      nodeId: state.record.nodeId,
      attemptId: state.attemptId,
      ackTimeoutMs: waived ? null : ackTimeoutMs,
      heartbeatIntervalMs,
      consulRegistered: state.consulRegistered,
      postgresRegistered: state.postgresRegistered,
    },
  };
  if (!waived) {
    return take(degraded ? 'accept_degraded' : 'accept', {
      state,
      outputs: [accepted],
      deadline: { kind: 'ack', afterMs: ackTimeoutMs },
      used: { timings: context.timings },
    });
  }
  const name = (degraded ? 'accept_degraded_waived' : 'accept_waived') satisfies RuleName;
  return take(name, {
    state,
    outputs: [accepted, becameActive(state, message)],
    deadline: livenessDeadline(state),
    used: { timings: context.timings },
  });
}

export function becameActive(state: WorkflowState, message: Input): Output<'NODE_BECAME_ACTIVE'> {
  return {
    eventType: 'NODE_BECAME_ACTIVE',
    payload: {
      nodeId: state.record.nodeId,
      attemptId: state.attemptId,
      workflowVersion: state.workflowVersion,
      capabilities: state.record.capabilities,
      livenessDeadline: announcedDeadline(state, message),
    },
  };
}

/** What the node should keep to; the row's own deadline is never earlier. */
export function announcedDeadline({ livenessWindowMs }: WorkflowState, message: Input): string | null {
  return livenessWindowMs === null ? null : isoTime(message.appendedAt + livenessWindowMs);
}

export function livenessDeadline({ livenessWindowMs }: WorkflowState): Step['deadline'] {
  return livenessWindowMs === null ? null : { kind: 'liveness', afterMs: livenessWindowMs };
}
