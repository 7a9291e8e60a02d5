import { describe, expect, it } from '@jest/globals';
import { decode, DEADLINE_KINDS, DEADLINE_TOPICS, headersOf } from '../../src/messages/index.js';
import { markerOf, SentMarkers } from '../../src/runtime/deadlines/markers.js';
import type { DueDeadline } from '../../src/runtime/journal/due-deadlines.js';
import { at, correlation, NODE } from '../support/builders.js';
import { messageIn, REGISTRY_ID } from '../support/machines.js';

const DUE: DueDeadline = { nodeId: NODE, kind: 'ack', at: at(30), correlationId: correlation(1) };

describe('a marker', () => {
  it.each(DEADLINE_KINDS)('of kind %s goes into the topic that it judges, as the design has it', (kind) => {
    const record = markerOf({ ...DUE, kind }, REGISTRY_ID);
    expect(record).toMatchObject({ topic: DEADLINE_TOPICS[kind], key: NODE });
    const message = messageIn(record);
    expect(message).toEqual({
      eventId: expect.any(String),
      eventType: 'DEADLINE_PASSED',
      eventTimestamp: at(30),
      sourceNodeId: REGISTRY_ID,
      correlationId: correlation(1),
      causationId: null,
      payload: { nodeId: NODE, kind, deadlineAt: at(30) },
    });
    expect(record.headers).toEqual(headersOf(message));
  });

  it('is read on no topic but that one', () => {
    const { key, value } = markerOf(DUE, REGISTRY_ID);
    expect(decode(DEADLINE_TOPICS.liveness, { key, value: Buffer.from(value ?? '') })).toMatchObject({ ok: false });
  });

  it('is the same to the byte for the same deadline, and another one for another', () => {
    expect(markerOf({ ...DUE }, REGISTRY_ID)).toEqual(markerOf(DUE, REGISTRY_ID));
    const others = [
      { ...DUE, nodeId: 'node-2' },
      { ...DUE, kind: 'liveness' as const },
      { ...DUE, at: at(31) },
    ];
    const ids = [DUE, ...others].map((due) => messageIn(markerOf(due, REGISTRY_ID)).eventId);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('markers that were sent', () => {
  const AGAIN_AFTER_MS = 30_000;
  const [a, b] = [DUE, { ...DUE, nodeId: 'node-2' }];

  it('are not sent again for a while, and then once more', () => {
    let now = 0;
    const sent = new SentMarkers(() => now);
    expect(sent.unsent([a, b])).toEqual([a, b]);
    sent.note([a]);
    expect(sent.unsent([a, b])).toEqual([b]);
    now = AGAIN_AFTER_MS - 1;
    sent.note([b]);
    expect(sent.unsent([a, b])).toEqual([]);
    now = AGAIN_AFTER_MS;
    expect(sent.unsent([a, b])).toEqual([a]);
    sent.note([a]);
    now = 2 * AGAIN_AFTER_MS - 1;
    expect(sent.unsent([a, b])).toEqual([b]);
  });

  it('that did not get into the log count as unsent', () => {
    const sent = new SentMarkers(() => 0);
    expect(sent.unsent([a])).toEqual([a]);
    expect(sent.unsent([a])).toEqual([a]);
  });

  it('are remembered up to a number: beyond it, the oldest may be sent once more', () => {
    const sent = new SentMarkers(() => 0);
    const many = Array.from({ length: 200_001 }, (_, index) => ({ ...DUE, nodeId: `node-${index}` }));
    sent.note(many);
    expect(sent.unsent(many).map(({ nodeId }) => nodeId)).toEqual(['node-0']);
  });

  it("stand for one deadline: the node's next one is another", () => {
    const sent = new SentMarkers(() => 0);
    sent.note([a]);
    const next = [
      { ...a, at: at(31) },
      { ...a, kind: 'degraded' as const },
    ];
    expect(sent.unsent(next)).toEqual(next);
  });
});
