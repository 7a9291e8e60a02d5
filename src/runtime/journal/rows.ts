import type { MachineState, Step, StepContext } from '../lanes/step.js';

/** A row of machine_states. */
export type NodeRow = {
  readonly version: number;
  readonly state: MachineState;
  readonly deadline: StepContext['deadline'];
  readonly lastHeartbeatAt: string | null;
};

/** What a batch starts from: rows by node id, locked; recorded outputs (JSON text) by `{node id} {event id}`. */
export type LoadedRows = {
  readonly rows: ReadonlyMap<string, NodeRow>;
  readonly outputs: ReadonlyMap<string, string>;
};

/** The row of a node after a batch. `expectedVersion` is the one it was loaded with, 0 for a new node. */
export type StateChange = {
  readonly nodeId: string;
  readonly expectedVersion: number;
  readonly version: number;
  readonly status: string;
  /** JSON text; null where only columns move. */
  readonly state: string | null;
  readonly deadline: Step['deadline'];
  /** Event id of the input whose outputs tell of the deadline, which begins once they are in the log; null: it begins at once. */
  readonly announcedBy: string | null;
  readonly lastHeartbeatAt: string | null;
};

/** A row of the journal; JSON as text, times as RFC 3339. */
export type JournalEntry = {
  readonly nodeId: string;
  readonly eventId: string;
  readonly version: number;
  readonly eventType: string;
  readonly input: string;
  readonly context: string | null;
  readonly rule: string;
  readonly fromStatus: string;
  readonly path: string;
  readonly toStatus: string;
  readonly stateAfter: string | null;
  readonly outputs: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly occurredAt: string;
  readonly contractVersion: string;
};
