import type { Examples } from './documents.js';

const ID = 'c0ae191c-df3c-5b1e-8c34-f25ca16e1eed';
const REQUEST = '019aa5b0-6b1e-7c3d-9f2a-3f0f6f4f7d11';

const letter = {
  id: ID,
  originalTopic: 'dev.onex.evt.node-introspection.v1',
  originalPartition: 3,
  originalOffset: '1807',
  cause: 'malformed' as const,
  reason: 'not JSON: Unexpected token',
  nodeId: 'billing-7',
  valueTruncated: false,
  occurredAt: '2026-11-21T09:00:00.000Z',
  rootId: ID,
  attempt: 1,
  quarantined: false,
  redrives: 0,
};

export const DEAD_LETTER_EXAMPLES = {
  DeadLetterPage: { items: [letter], nextCursor: null },
  DeadLetterDetail: {
    ...letter,
    originalKey: 'billing-7',
    originalKeyEncoding: 'utf8',
    originalHeaders: { 'content-type': 'application/json' },
    originalValue: 'aGVsbG8=',
    originalText: 'hello',
    valueSha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    originalEventId: null,
    redriveOf: null,
    quarantinedAt: null,
    lineQuarantined: false,
    redrives: [],
    successors: [],
  },
  Redrive: { id: ID, requestId: REQUEST },
  RedriveReport: {
    requestId: REQUEST,
    dryRun: true,
    matched: 2,
    moreMatch: false,
    sent: { count: 1, ids: [ID] },
    notSent: [{ why: 'truncated', count: 1, ids: ['5c0f1a52-2d4e-5f7b-9d53-77a1b4c0d9e2'] }],
  },
  DeadLetterRelease: { id: ID, released: [ID] },
} satisfies Examples;
