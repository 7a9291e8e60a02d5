import type { Examples } from './documents.js';
import { SAMPLE } from './sample-node.js';

const { nodeId, attemptId, correlationId } = SAMPLE;
const AT = '2026-11-21T09:00:01.004Z';
const confirmed = { status: 'confirmed' as const, confirmedRevision: 2, failure: null };

/** Of the documents that look closely at one node. */
export const NODE_DETAIL_EXAMPLES = {
  NodeStepPage: {
    items: [
      {
        machine: 'orchestrator',
        version: 3,
        eventId: '48be390e-b2ed-49fa-8ead-bfca61f0fab4',
        eventType: 'NODE_REGISTRATION_ACKED',
        rule: 'acknowledge',
        fromStatus: 'awaiting_ack',
        path: 'ack_received > active',
        toStatus: 'active',
        occurredAt: AT,
        correlationId,
        causationId: '83eab1e0-4012-577e-ba8a-8cd1f48adb43',
        ignored: false,
        source: nodeId,
        payload: { node_id: nodeId, attempt_id: attemptId },
        outputs: [
          {
            eventId: '7f5d8d4a-0b3c-5c0e-9a53-6d1f0c2b7e44',
            eventType: 'NODE_BECAME_ACTIVE',
            payload: { node_id: nodeId, attempt_id: attemptId },
          },
        ],
      },
    ],
    nextCursor: null,
  },
  NodeBackends: {
    nodeId,
    desired: {
      revision: 2,
      presence: 'present',
      health: 'passing',
      attemptId,
      record: { node_id: nodeId, node_type: 'effect', node_version: '1.4.0' },
    },
    consul: confirmed,
    postgres: confirmed,
  },
} satisfies Partial<Examples>;
