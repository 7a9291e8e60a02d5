import type { Examples } from '../rest/documents.js';

const BEGAN = '2026-11-21T09:00:00.000Z';
const ENDED = '2026-11-21T09:00:00.204Z';

const audit = {
  backend: 'consul' as const,
  status: 'drifting' as const,
  auditId: '019aa5b0-6b1e-7c3d-9f2a-3f0f6f4f7d12',
  startedAt: BEGAN,
  finishedAt: ENDED,
  compared: 1000,
  entries: 1001,
  unsettled: 0,
  skippedBuckets: 240,
  counts: { missing: 0, altered: 1, ghost: 0, foreign: 0 },
  cutOff: null,
  held: [],
  heldSince: null,
  repairs: 1,
};

const altered = {
  backend: 'consul' as const,
  nodeId: 'billing-7',
  drift: 'altered' as const,
  revision: 2,
  foundRevision: 2,
  differences: ['tags'],
  entry: null,
  firstSeenAt: ENDED,
  lastSeenAt: ENDED,
};

export const DRIFT_EXAMPLES = {
  Drift: { backends: [audit], items: [altered], nextCursor: null },
  DriftRepair: {
    id: '019aa5b0-6b1e-7c3d-9f2a-3f0f6f4f7d13',
    status: 'done',
    backend: 'consul',
    nodeId: null,
    drift: null,
    dryRun: true,
    force: false,
    requestedAt: BEGAN,
    finishedAt: ENDED,
    outcome: [{ backend: 'consul', compared: 1000, matching: 1, repairs: 1, held: [], cutOff: null }],
  },
} satisfies Examples;
