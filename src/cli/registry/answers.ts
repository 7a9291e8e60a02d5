/**
 * What the API answers: the fields that are looked at here. All else is passed on with `--json`. The lists of words are the API's own;
 * a test compares them with openapi.json, so that a command need not load the schemas to start.
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

export type Node = {
  readonly nodeId: string;
  readonly nodeType: string | null;
  readonly nodeVersion: string;
  readonly state: string;
  readonly degraded: boolean;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly revision: number;
  readonly attemptId: string;
  readonly incarnation: number | null;
  readonly registeredAt: string | null;
  readonly updatedAt: string;
  readonly lastHeartbeatAt: string | null;
  readonly publicKey: string | null;
};

export type HistoryItem = {
  readonly version: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly rule: string;
  readonly path: string;
  readonly occurredAt: string;
};

export type Explanation = { readonly nodeId: string; readonly state: string; readonly text: string };

export type Operation = {
  readonly id: string;
  readonly kind: 'register' | 'deregister';
  readonly nodeId: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly reason?: string;
  readonly steps: readonly {
    readonly eventType: string;
    readonly rule: string;
    readonly path: string;
    readonly occurredAt: string;
  }[];
};

export const DEAD_LETTER_CAUSES = ['malformed', 'unrouted', 'rejected_by_handler', 'too_large'] as const;

export type DeadLetter = {
  readonly id: string;
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: string;
  readonly cause: string;
  readonly reason: string;
  readonly nodeId: string | null;
  readonly valueTruncated: boolean;
  readonly occurredAt: string;
  readonly rootId: string;
  readonly attempt: number;
  readonly quarantined: boolean;
};

export type DeadLetterDetail = DeadLetter & {
  readonly redrives: readonly { readonly redrivenAt: string; readonly how: string; readonly forced: boolean }[];
  readonly originalKey: string | null;
  readonly originalValue: string | null;
  readonly originalText: string | null;
  readonly originalHeaders: Readonly<Record<string, string | readonly string[]>>;
  readonly lineQuarantined: boolean;
  readonly successors: readonly { readonly id: string }[];
};

export type RedriveReport = {
  readonly requestId: string;
  readonly dryRun: boolean;
  readonly matched: number;
  readonly moreMatch: boolean;
  readonly sent: { readonly count: number; readonly ids: readonly string[] };
  readonly notSent: readonly { readonly why: string; readonly count: number; readonly ids: readonly string[] }[];
};

export type Expiry = {
  readonly status: 'running' | 'held' | 'released';
  readonly heldSince: string | null;
  readonly expiring: number;
  readonly live: number;
  readonly releasedUntil: string | null;
  readonly reason: string | null;
};

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

export type AuditEntry = {
  readonly at: string;
  readonly action: string;
  readonly caller: { readonly name: string; readonly role: string } | null;
  readonly ip: string;
  readonly target: string | null;
  readonly outcome: (typeof AUDIT_OUTCOMES)[number] | null;
  readonly status: number | null;
  readonly problem: string | null;
  readonly count: number;
};

export type Caller = {
  readonly name: string;
  readonly role: string;
  readonly source: string;
  readonly nodes: string | null;
  readonly expiresAt: string | null;
};
