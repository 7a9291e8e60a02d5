import { randomUUID } from 'node:crypto';
import { descriptionOf, nodeIdOf } from '../../fleet/simulated-node.js';
import { encode } from '../../messages/index.js';
import { Template } from '../driver/template.js';

/** Values of *accepted* and *active*, made by the codec once and then only filled in: as long as the registry's. */
export type Answers = {
  readonly accepted: (nodeId: string, correlationId: string, causationId: string) => string;
  readonly active: (nodeId: string, correlationId: string, causationId: string) => string;
};

export function createAnswers(): Answers {
  const nodeId = nodeIdOf('sample', 0);
  const [eventId, correlationId, causationId, attemptId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const eventTimestamp = new Date().toISOString();
  const envelope = { eventId, eventTimestamp, sourceNodeId: 'rollcall', correlationId, causationId } as const;
  const accepted = encode({
    ...envelope,
    eventType: 'NODE_REGISTRATION_ACCEPTED',
    payload: {
      nodeId,
      attemptId,
      ackTimeoutMs: 30_000,
      heartbeatIntervalMs: 10_000,
      consulRegistered: true,
      postgresRegistered: true,
    },
  });
  const active = encode({
    ...envelope,
    eventType: 'NODE_BECAME_ACTIVE',
    payload: {
      nodeId,
      attemptId,
      workflowVersion: 4,
      capabilities: descriptionOf(nodeId, 0, 0).capabilities,
      livenessDeadline: eventTimestamp.replace('Z', '+00:00'),
    },
  });
  const samples = [nodeId, eventId, eventTimestamp, correlationId, causationId, attemptId];
  const [acceptedText, activeText] = [new Template(accepted, samples), new Template(active, samples)];
  const fill = (template: Template) => (id: string, correlation: string, cause: string) =>
    template.fill([id, randomUUID(), new Date().toISOString(), correlation, cause, randomUUID()]);
  return { accepted: fill(acceptedText), active: fill(activeText) };
}
