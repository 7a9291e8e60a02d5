import type { Input, Output } from '../../messages/index.js';
import { advance, ignore, take } from '../rules.js';
import type { Step, WorkflowState } from '../state.js';

/** Whoever asked for it: the node leaves both backends. */
export function deregister(state: WorkflowState | null, message: Input, reason: string): Step {
  if (state === null) return ignore('unknown_node', state, message);
  if (state.status === 'deregistering' || state.status === 'deregistered') return ignore('duplicate', state, message);
  const next = awaitingRemoval(advance(state, message), reason);
  return take('begin_deregistration', {
    state: next,
    outputs: [deregistrationInitiated(next, reason)],
    deadline: null,
  });
}

/** The state of a node whose removal is asked for: nothing that was under way counts any more. */
export function awaitingRemoval(state: WorkflowState, reason: string): WorkflowState {
  return { ...state, degraded: false, updates: [], requestVersion: state.workflowVersion, reason };
}

export function deregistrationInitiated(state: WorkflowState, reason: string): Output<'NODE_DEREGISTRATION_INITIATED'> {
  return {
    eventType: 'NODE_DEREGISTRATION_INITIATED',
    payload: {
      nodeId: state.record.nodeId,
      attemptId: state.attemptId,
      workflowVersion: state.workflowVersion,
      reason,
    },
  };
}
