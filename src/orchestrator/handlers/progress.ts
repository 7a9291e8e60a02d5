import type { Input } from '../../messages/index.js';
import type { IgnoredReason, WorkflowState } from '../state.js';

export type Progress = Input<'REGISTRATION_PARTIAL'> | Input<'REGISTRATION_COMPLETED'> | Input<'REGISTRATION_FAILED'>;

/** Whether it answers the registration or deregistration asked for last. */
export function isCurrent(state: WorkflowState, { payload }: Progress): boolean {
  return payload.attemptId === state.attemptId && payload.workflowVersion === state.requestVersion;
}

/** Why progress that no rule waits for is passed over. */
export function outOfPlace(state: WorkflowState | null, message: Progress): IgnoredReason {
  if (state === null) return 'unknown_node';
  if (message.payload.attemptId !== state.attemptId) return 'stale';
  switch (state.status) {
    case 'pending_registration':
      return 'stale';
    case 'deregistering':
      return isCurrent(state, message) && message.payload.kind === 'deregister' ? 'too_early' : 'stale';
    case 'awaiting_ack':
    case 'active':
      if (message.payload.kind === 'update') return 'too_early';
      return message.eventType === 'REGISTRATION_COMPLETED' ? 'duplicate' : 'too_late';
    default:
      return 'terminal';
  }
}

/** Updates answered by progress of `workflowVersion`, as the fields they changed; and those still open. */
export function answeredUpdates(state: WorkflowState, workflowVersion: number) {
  const answered = state.updates.filter((update) => update.workflowVersion <= workflowVersion);
  return {
    changed: [...new Set(answered.flatMap((update) => update.changed))],
    any: answered.length > 0,
    open: state.updates.filter((update) => update.workflowVersion > workflowVersion),
  };
}
