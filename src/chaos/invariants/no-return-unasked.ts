import type { Invariant } from './invariant.js';
import { distinct, grouped, recordsOf } from './select.js';

/**
 * Who has left stays away until it, or an operator, says otherwise. Versions of the workflow give the order: the topics have
 * no common one. An attempt is the message that began it, by id.
 */
export const noReturnUnasked: Invariant = {
  name: 'no-return-unasked',
  means: 'no node became active by an attempt that it had left, or that no message began',
  judge: ({ records }) => {
    const roots = new Set(
      records
        .filter(({ message }) => message?.eventType === 'NODE_INTROSPECTION' || message?.eventType === 'REGISTER_NODE')
        .map(({ key, message }) => `${key} ${message?.eventId}`),
    );
    const departures = grouped(
      distinct(recordsOf(records, 'NODE_DEREGISTRATION_INITIATED')),
      ({ message }) => message.payload.nodeId,
    );
    const activations = distinct(recordsOf(records, 'NODE_BECAME_ACTIVE'));
    const violations = activations.flatMap(({ message }) => {
      const { nodeId, attemptId, workflowVersion } = message.payload;
      const left = departures
        .get(nodeId)
        ?.find(
          ({ message: { payload } }) => payload.attemptId === attemptId && payload.workflowVersion < workflowVersion,
        );
      return [
        ...(roots.has(`${nodeId} ${attemptId}`) ? [] : [`${nodeId} became active by ${attemptId}, which nobody sent`]),
        ...(left === undefined ? [] : [`${nodeId} became active by attempt ${attemptId}, which it had left before`]),
      ];
    });
    return { looked: activations.length, at: 'activations', violations };
  },
};
