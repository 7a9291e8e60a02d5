import type { NodeState } from './fleet-model.js';

/** One node, whole. Times are RFC 3339, UTC. */
export type NodeRecord = {
  readonly nodeId: string;
  readonly nodeType: string | null;
  readonly nodeVersion: string;
  readonly state: NodeState;
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
  /** Ed25519, base64url: what its messages are held against. */
  readonly publicKey: string | null;
};

export type Explanation = {
  readonly state: NodeState;
  readonly since: string;
  readonly because: { readonly eventType: string; readonly eventId: string; readonly rule: string };
  /** A line for each thought. */
  readonly text: string;
};

export type Payload = Readonly<Record<string, unknown>>;
export type StepOutput = { readonly eventId: string; readonly eventType: string; readonly payload: Payload };

export type Step = {
  readonly machine: 'orchestrator' | 'reducer';
  readonly version: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly rule: string;
  readonly fromStatus: string;
  readonly path: string;
  readonly toStatus: string;
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly ignored: boolean;
  readonly source: string | null;
  readonly payload: Payload;
  readonly outputs: readonly StepOutput[];
};

export type StepsPage = { readonly items: readonly Step[]; readonly nextCursor: string | null };

export type Backend = {
  readonly status: 'confirmed' | 'pending' | 'refused' | 'never_asked';
  readonly confirmedRevision: number;
  readonly failure: { readonly revision: number; readonly code: string; readonly message: string } | null;
};

export type Backends = {
  readonly desired: {
    readonly revision: number;
    readonly presence: 'present' | 'absent';
    readonly health: 'critical' | 'passing';
    readonly record: Payload;
  } | null;
  readonly consul: Backend;
  readonly postgres: Backend;
};
