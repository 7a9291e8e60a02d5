import type { RegistrationRecord, SnapshotState } from '../../messages/index.js';

/** How far the workflow of a node has come, and whether the node takes part in the fleet there. 0: nothing is known of it. */
export type Level = { readonly version: number; readonly isPresent: boolean };

/** A node as the state database has it. Null: it takes no part. */
export type NodeNow = { readonly nodeId: string; readonly version: number; readonly state: PresentState | null };

/** What a snapshot tells of the orchestrator's state of a node that takes part. */
export type PresentState = {
  readonly status: SnapshotState;
  readonly attemptId: string;
  readonly correlationId: string;
  readonly liveness: 'heartbeat' | 'none';
  readonly degraded: boolean;
  readonly consulRegistered: boolean;
  readonly postgresRegistered: boolean;
  readonly revision: number;
  readonly record: RegistrationRecord;
  readonly registeredAt: string | null;
  readonly activeSince: string | null;
  readonly updatedAt: string;
};

/** The states that snapshots are of, as they are at this moment. Rejects while they cannot be read. */
export type SnapshotStore = {
  /** Nodes of which nothing is known are missing. */
  levels(nodeIds: readonly string[]): Promise<ReadonlyMap<string, Level>>;
  /** The same with what there is to tell, each node in one moment. */
  nodes(nodeIds: readonly string[]): Promise<readonly NodeNow[]>;
};
