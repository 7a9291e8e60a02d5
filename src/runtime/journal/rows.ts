import type { MachineState, Step, StepContext } from '../lanes/step.js';

/** A row of machine_states. */
export type NodeRow = {
  readonly version: number;
  readonly state: MachineState;
  readonly deadline: StepContext['deadline'];
  readonly lastHeartbeatAt: string | null;
};

/** What a batch starts from: rows by {@link rowKey}; recorded outputs (JSON text) by {@link entryKey}. */
export type LoadedRows = {
  readonly rows: ReadonlyMap<string, NodeRow>;
  readonly outputs: ReadonlyMap<string, string>;
};

/** A message that a machine is to take. */
export type StepInput = { readonly machine: string; readonly nodeId: string; readonly eventId: string };

/** The row of a node's state in a machine. */
export const rowKey = (machine: string, nodeId: string): string => `${machine} ${nodeId}`;

/** The journal's entry of an input. */
export const entryKey = (machine: string, nodeId: string, eventId: string): string => `${machine} ${nodeId} ${eventId}`;

/** The row of a node after a batch. `expectedVersion` is the one it was loaded with, 0 for a new node. */
export type StateChange = {
  readonly machine: string;
  readonly nodeId: string;
  readonly expectedVersion: number;
  readonly version: number;
  readonly status: string;
  readonly state: MachineState;
  /** The state's JSON, as it is stored. */
  readonly text: string;
  readonly deadline: Step['deadline'];
  /** Event id of the input whose outputs tell of the deadline, which begins once they are in the log; null: it begins at once. */
  readonly announcedBy: string | null;
};

/** What of a state stands in columns of its own, for nodes to be found by; null where a machine keeps no such record. */
export type SearchedBy = {
  readonly nodeType: string | null;
  readonly capabilityTags: readonly string[] | null;
  /** What the node signs with: heartbeats are held against it. */
  readonly publicKey: string | null;
};

/** Any machine whose state has the node's own `record` lets its nodes be found by what that says. */
export function searchedBy(state: MachineState): SearchedBy {
  const { record, publicKey } = (state ?? {}) as Pick<Partial<SearchedBy>, 'publicKey'> & {
    readonly record?: Partial<SearchedBy> | null;
  };
  return {
    nodeType: record?.nodeType ?? null,
    capabilityTags: record?.capabilityTags ?? null,
    publicKey: publicKey ?? null,
  };
}

/** A row that a batch has only read, and that has to be as it was: steps that change nothing rest on it. */
export type ReadRow = { readonly machine: string; readonly nodeId: string; readonly version: number };

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

/** An entry, and whose step it is. */
export type MachineEntry = JournalEntry & { readonly machine: string };
