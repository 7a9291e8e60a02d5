import { randomUUID } from 'node:crypto';
import type { Outgoing } from '../../client/kafka/sender.js';
import { introspect, stamped, type NodeMessageType } from '../../client/index.js';
import { descriptionOf, nodeIdOf } from '../../fleet/simulated-node.js';
import { encode, TopicNames, topicOf } from '../../messages/index.js';
import { createNodeTexts } from '../driver/node-texts.js';
import { uuidIn } from '../driver/scan.js';
import { Template } from '../driver/template.js';

const INCARNATION = 987_654_321_098;

/** What nodes say, as records for Kafka, put together from parts that were encoded once. */
export class NodeMessages {
  private readonly texts = createNodeTexts();
  private readonly introspections = introspectionTemplate();
  private readonly topics: Readonly<Record<NodeMessageType, string>>;

  constructor(topicPrefix: string) {
    const names = new TopicNames(topicPrefix);
    this.topics = {
      NODE_INTROSPECTION: names.full(topicOf('NODE_INTROSPECTION')),
      NODE_REGISTRATION_ACKED: names.full(topicOf('NODE_REGISTRATION_ACKED')),
      NODE_HEARTBEAT: names.full(topicOf('NODE_HEARTBEAT')),
    };
  }

  /** `incarnation`: milliseconds since the epoch, as of the start of the node's process. */
  introspection(nodeId: string, correlationId: string, incarnation: number): Outgoing {
    const values = [nodeId, randomUUID(), new Date().toISOString(), correlationId, String(incarnation)];
    return this.record('NODE_INTROSPECTION', nodeId, this.introspections.fill(values));
  }

  /** `accepted`: value of the message that it answers. */
  ack(nodeId: string, accepted: Buffer): Outgoing {
    const [attemptId, correlationId, cause] = (['attempt_id', 'correlation_id', 'event_id'] as const).map((field) =>
      uuidIn(accepted, field),
    );
    const text = this.texts.ack(nodeId, attemptId ?? '', correlationId ?? '', cause ?? '');
    return this.record('NODE_REGISTRATION_ACKED', nodeId, text);
  }

  heartbeat(nodeId: string): Outgoing {
    return this.record('NODE_HEARTBEAT', nodeId, this.texts.heartbeat(nodeId));
  }

  private record(type: NodeMessageType, nodeId: string, value: string): Outgoing {
    const headers = { 'content-type': 'application/json', event_type: type };
    return { topic: this.topics[type], message: { key: nodeId, value, headers } };
  }
}

function introspectionTemplate(): Template {
  const nodeId = nodeIdOf('sample', 0);
  const correlationId = randomUUID();
  const [saying] = introspect(descriptionOf(nodeId, 0, INCARNATION), correlationId).says;
  if (saying === undefined) throw new Error('a node begins with its introspection');
  const message = stamped(nodeId, saying);
  return new Template(encode(message), [
    nodeId,
    message.eventId,
    message.eventTimestamp,
    correlationId,
    String(INCARNATION),
  ]);
}
