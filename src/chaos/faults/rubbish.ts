import { randomUUID } from 'node:crypto';
import {
  COMPONENTS,
  MAX_VALUE_BYTES,
  TOPIC_SUFFIXES,
  TOPICS,
  type Party,
  type TopicSuffix,
} from '../../messages/index.js';

/** Marks a record as rubbish of ours, for whoever reads the log afterwards. */
export const RUBBISH_HEADER = 'rollcall-chaos';

/** Whether the registry reads a topic to act on it, so that rubbish there has to become a dead letter. */
export function isActedOn(topic: TopicSuffix): boolean {
  const consumers: readonly Party[] = TOPICS[topic].consumers;
  return COMPONENTS.some((component) => consumers.includes(component));
}

/** A record as anybody may write it. */
export type RawRecord = {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Rubbish = { readonly topic: TopicSuffix; readonly records: readonly RawRecord[] };

/** What no schema takes, on every topic, some of it under the id of a node that exists. `nodeId` is that of a node. */
export function rubbishFor(nodeId: string): readonly Rubbish[] {
  return TOPIC_SUFFIXES.map((topic, index) => {
    // Each topic some of it, and all of it on some topic.
    const kinds = Array.from({ length: 3 }, (_, step) => RUBBISH[(index + step * 3) % RUBBISH.length]);
    const records = kinds.flatMap((make) => (make === undefined ? [] : [marked(make(nodeId))]));
    return { topic, records };
  });
}

function marked(message: RawRecord): RawRecord {
  return { ...message, headers: { [RUBBISH_HEADER]: 'rubbish' } };
}

const RUBBISH: readonly ((nodeId: string) => RawRecord)[] = [
  (key) => ({ key, value: 'this is no JSON' }),
  (key) => ({ key, value: null }),
  (key) => ({ key, value: Buffer.from([0xff, 0xfe, 0x00, 0x80]) }),
  (key) => ({ key, value: JSON.stringify({ hello: 'world' }) }),
  (key) => ({ key, value: envelope(key, 'NODE_EXPLODED', {}) }),
  // A payload that lacks all but the node's id; REGISTER_NODE would take it, if the field were not unknown.
  (key) => ({ key, value: envelope(key, 'REGISTER_NODE', { unheard_of: true }) }),
  (key) => ({ key: null, value: envelope(key, 'NODE_HEARTBEAT', {}) }),
  (key) => ({ key: Buffer.from([0xc3, 0x28]), value: envelope(key, 'NODE_HEARTBEAT', {}) }),
  (key) => ({ key, value: envelope(key, 'NODE_INTROSPECTION', { metadata: { text: '\u0000' } }) }),
  (key) => ({ key, value: envelope(key, 'NODE_INTROSPECTION', { metadata: 'x'.repeat(MAX_VALUE_BYTES) }) }),
];

function envelope(nodeId: string, eventType: string, payload: object): string {
  return JSON.stringify({
    envelope_version: '1.0',
    event_id: randomUUID(),
    event_type: eventType,
    event_timestamp: new Date().toISOString(),
    source_node_id: nodeId,
    correlation_id: randomUUID(),
    causation_id: null,
    payload: { node_id: nodeId, ...payload },
  });
}
