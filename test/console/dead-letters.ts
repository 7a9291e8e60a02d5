import { hash } from 'node:crypto';
import type { StoredDeadLetter } from '../../src/runtime/journal/store-dead-letters.js';

type Letter = Omit<StoredDeadLetter, 'id'>;

const TOPIC = 'dev.onex.evt.node-introspection.v1';

/** A node that was refused by mistake: its message is sound, and sent again it is registered. */
export const REDRIVEN = 'late-joiner-1';

const SOUND = JSON.stringify({
  envelope_version: '1.0',
  event_id: '0b6c1c9a-6a43-4a45-9d2c-6f1de5f7a111',
  event_type: 'NODE_INTROSPECTION',
  event_timestamp: '2026-11-21T08:00:00Z',
  source_node_id: REDRIVEN,
  correlation_id: '0b6c1c9a-6a43-4a45-9d2c-6f1de5f7a112',
  causation_id: null,
  payload: { node_id: REDRIVEN, node_type: 'compute', capabilities: ['resize'], reason: 'startup', incarnation: 7 },
});

function letter(
  offset: number,
  fields: Partial<Omit<Letter, 'originalValue'>> & { readonly value?: string | null },
): Letter {
  const { value = '{', ...others } = fields;
  return {
    nodeId: null,
    originalTopic: TOPIC,
    originalPartition: offset % 6,
    originalOffset: String(offset),
    originalKey: null,
    originalKeyEncoding: 'utf8',
    originalHeaders: '{"content-type":"application/json"}',
    originalValue: value === null ? null : Buffer.from(value).toString('base64'),
    valueTruncated: false,
    valueSha256: value === null ? null : hash('sha256', value),
    cause: 'malformed',
    reason: 'the value is no JSON',
    occurredAt: new Date(Date.now() - offset * 3600_000).toISOString(),
    redriveOf: null,
    originalEventId: null,
    ...others,
  };
}

/** One that can be handled after all, and others that cannot. */
export const DEAD_LETTERS: readonly Letter[] = [
  letter(1, {
    nodeId: REDRIVEN,
    originalKey: REDRIVEN,
    value: SOUND,
    cause: 'rejected_by_handler',
    reason: 'the handler of NODE_INTROSPECTION failed: connection terminated unexpectedly',
    originalEventId: '0b6c1c9a-6a43-4a45-9d2c-6f1de5f7a111',
  }),
  letter(2, { reason: 'the key is null, expected the node_id of the payload' }),
  letter(3, { value: 'ÿþ no JSON at all', reason: 'the value is no JSON: unexpected token at position 0' }),
  letter(4, {
    cause: 'too_large',
    reason: `the value has 300000 bytes, at most 262144 ${'and-more'.repeat(20)}`,
    valueTruncated: true,
  }),
  letter(5, {
    value: null,
    reason: 'a tombstone has no meaning in this topic',
    nodeId: 'some-node',
    originalKey: 'some-node',
  }),
];
