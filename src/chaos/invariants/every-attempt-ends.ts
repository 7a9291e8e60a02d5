import type { Evidence } from '../evidence.js';
import type { Invariant } from './invariant.js';
import { distinct, recordsOf } from './select.js';

/**
 * An accepted attempt becomes active or times out, never both, and one of them in any case unless it was superseded: by a
 * later attempt of its node, or by its deregistration.
 */
export const everyAttemptEnds: Invariant = {
  name: 'every-attempt-ends',
  means: 'each accepted attempt that was not superseded became active or timed out, and none did both',
  judge: ({ records }) => {
    const active = attemptsOf(records, 'NODE_BECAME_ACTIVE');
    const timedOut = attemptsOf(records, 'NODE_REGISTRATION_ACK_TIMED_OUT');
    const superseded = supersededIn(records);
    const accepted = distinct(recordsOf(records, 'NODE_REGISTRATION_ACCEPTED'));
    const violations: string[] = [];
    for (const { message } of accepted) {
      const { nodeId, attemptId } = message.payload;
      const ends = [active.has(attemptId), timedOut.has(attemptId)].filter(Boolean).length;
      if (ends === 2) violations.push(`${nodeId}: attempt ${attemptId} became active and timed out`);
      if (ends === 0 && !superseded.has(attemptId)) {
        violations.push(`${nodeId}: attempt ${attemptId} was accepted, and neither became active nor timed out`);
      }
    }
    const known = new Set(accepted.map(({ message }) => message.payload.attemptId));
    for (const attemptId of active) {
      if (!known.has(attemptId)) violations.push(`attempt ${attemptId} became active and was never accepted`);
    }
    return { looked: accepted.length, at: 'accepted attempts', violations };
  },
};

function attemptsOf(
  records: Evidence['records'],
  type: 'NODE_BECAME_ACTIVE' | 'NODE_REGISTRATION_ACK_TIMED_OUT',
): ReadonlySet<string> {
  return new Set(recordsOf(records, type).map(({ message }) => message.payload.attemptId));
}

/** Attempts after which the workflow of their node went on: with another one, or with a deregistration. */
function supersededIn(records: Evidence['records']): ReadonlySet<string> {
  const begun = distinct(recordsOf(records, 'NODE_REGISTRATION_INITIATED')).filter(
    ({ message }) => message.payload.kind === 'register',
  );
  const ended = distinct(recordsOf(records, 'NODE_DEREGISTRATION_INITIATED'));
  const last = new Map<string, { attemptId: string; workflowVersion: number }>();
  for (const { message } of begun) {
    const { nodeId, attemptId, workflowVersion } = message.payload;
    if ((last.get(nodeId)?.workflowVersion ?? 0) < workflowVersion) last.set(nodeId, { attemptId, workflowVersion });
  }
  const current = new Set([...last.values()].map(({ attemptId }) => attemptId));
  return new Set([
    ...begun.map(({ message }) => message.payload.attemptId).filter((attemptId) => !current.has(attemptId)),
    ...ended.map(({ message }) => message.payload.attemptId),
  ]);
}
