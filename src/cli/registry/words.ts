/**
 * Lists of the API's words. A test compares them with openapi.json, so that a command need not load the schemas to start.
 */
export const NODE_TYPES = ['effect', 'compute', 'reducer', 'orchestrator'] as const;

export const NODE_STATES = [
  'pending_registration',
  'accepted',
  'awaiting_ack',
  'ack_received',
  'active',
  'rejected',
  'ack_timed_out',
  'liveness_expired',
  'deregistering',
  'deregistered',
] as const;

export const DEAD_LETTER_CAUSES = ['malformed', 'unrouted', 'rejected_by_handler', 'too_large'] as const;

export const AUDIT_ACTIONS = [
  'node.register',
  'node.deregister',
  'introspection.request',
  'dead-letter.redrive',
  'dead-letters.redrive',
  'dead-letter.release',
  'drift.repair',
  'expiry.release',
  'expiry.resume-protection',
  'request',
] as const;

export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;
