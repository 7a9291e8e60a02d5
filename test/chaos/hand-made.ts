import type { Evidence, LogRecord } from '../../src/chaos/evidence.js';
import { topicOf, type Message, type MessageType, type TopicSuffix } from '../../src/messages/index.js';

type Payload = Readonly<Record<string, unknown>>;
type Told = Partial<Pick<LogRecord, 'partition' | 'appendedAt' | 'digest' | 'isRubbish'>> & {
  readonly id?: string;
  readonly correlationId?: string;
  readonly causationId?: string | null;
  readonly topic?: TopicSuffix;
};

export const BEGAN_AT = Date.parse('2026-11-21T12:00:00.000Z');

/** A log made by hand: each record goes behind those of its topic and partition. */
export class HandMadeLog {
  readonly records: LogRecord[] = [];

  say(type: MessageType, nodeId: string, payload: Payload = {}, told: Told = {}): LogRecord {
    const { partition = 0, appendedAt = BEGAN_AT, isRubbish = false } = told;
    const topic = told.topic ?? topicOf(type as Exclude<MessageType, 'DEADLINE_PASSED'>);
    const offset = this.records.filter((other) => other.topic === topic && other.partition === partition).length;
    const eventId = told.id ?? `${type} ${topic}/${partition}@${offset}`;
    const message = {
      eventId,
      eventType: type,
      eventTimestamp: new Date(appendedAt).toISOString(),
      sourceNodeId: nodeId,
      correlationId: told.correlationId ?? `life of ${nodeId}`,
      causationId: told.causationId ?? null,
      payload: { nodeId, ...payload },
    } as Message;
    const digest = told.digest ?? JSON.stringify(message);
    const record = { topic, partition, offset, appendedAt, key: nodeId, digest, message, isRubbish };
    this.records.push(record);
    return record;
  }

  /** A node registers, from its introspection to its activity, by the attempt `attemptId`. */
  registers(nodeId: string, attemptId: string, workflowVersion = 1): this {
    this.say('NODE_INTROSPECTION', nodeId, {}, { id: attemptId });
    this.begins(nodeId, attemptId, workflowVersion);
    this.say('NODE_REGISTRATION_ACCEPTED', nodeId, { attemptId });
    this.say('NODE_REGISTRATION_ACK_RECEIVED', nodeId, { attemptId });
    this.say('NODE_BECAME_ACTIVE', nodeId, { attemptId, workflowVersion: workflowVersion + 2 });
    return this;
  }

  begins(nodeId: string, attemptId: string, workflowVersion: number): this {
    this.say('NODE_REGISTRATION_INITIATED', nodeId, { attemptId, workflowVersion, kind: 'register' });
    return this;
  }

  leaves(nodeId: string, attemptId: string, workflowVersion: number): this {
    this.say('NODE_DEREGISTRATION_INITIATED', nodeId, { attemptId, workflowVersion, reason: 'shutdown' });
    this.say('NODE_DEREGISTERED', nodeId, { attemptId, reason: 'shutdown' });
    return this;
  }

  rubbish(topic: TopicSuffix): LogRecord {
    const record = this.say('NODE_HEARTBEAT', 'rubbish', {}, { topic, isRubbish: true });
    this.records.pop();
    this.records.push({ ...record, message: null });
    return record;
  }

  evidence(rest: Partial<Evidence> = {}): Evidence {
    return {
      records: this.records,
      expected: [],
      consul: [],
      registrations: [],
      foreign: [],
      workflows: [],
      deadLetterRows: [],
      journal: { states: 0, entries: 0, problems: [] },
      lags: [],
      partitions: 0,
      health: [],
      outcries: [],
      logLines: 0,
      livenessWindowMs: 10_000,
      ...rest,
    };
  }
}
