import type { Examples } from '../rest/documents.js';
import { SAMPLE } from '../rest/sample-node.js';

const caller = { name: 'deploys', role: 'operator' as const, source: 'token' as const };

export const AUDIT_EXAMPLES = {
  AuditPage: {
    items: [
      {
        id: '019aa5b0-6b1e-7c3d-9f2a-3f0f6f4f7d13',
        at: '2026-11-21T09:05:00.310Z',
        firstAt: null,
        action: 'node.deregister',
        caller,
        ip: '10.0.0.4',
        method: 'DELETE',
        route: '/v1/nodes/:nodeId',
        target: SAMPLE.nodeId,
        details: '{"reason":"replaced by billing-8"}',
        outcome: 'done',
        status: 200,
        problem: null,
        resultId: '019aa5b0-6b1e-7c3d-9f2a-3f0f6f4f7d10',
        count: 1,
      },
    ],
    nextCursor: null,
  },
  Caller: { ...caller, nodes: null, expiresAt: null },
} satisfies Partial<Examples>;
