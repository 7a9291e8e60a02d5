import { rowKey, type LoadedRows, type NodeRow, type StateChange, type StepInput } from './rows.js';

/** Rows kept: those of nodes that took their last steps just now. Some 5 KiB each. */
export const MAX_CACHED_ROWS = 20_000;

/**
 * States that this process stored last, of the nodes that it heard of last. Another replica may have gone on from them: whoever
 * decides from here has to compare the version as it stores. Deadlines and heartbeats are not in here.
 */
export class StateCache {
  /** Oldest first. */
  private readonly rows = new Map<string, NodeRow>();

  constructor(private readonly maxRows = MAX_CACHED_ROWS) {}

  get(key: string): NodeRow | undefined {
    const row = this.rows.get(key);
    if (row === undefined) return undefined;
    this.rows.delete(key);
    this.rows.set(key, row);
    return row;
  }

  loaded({ rows }: LoadedRows): void {
    for (const [key, { version, state }] of rows) this.put(key, version, state);
  }

  stored(changes: readonly StateChange[]): void {
    for (const { machine, nodeId, version, state } of changes) this.put(rowKey(machine, nodeId), version, state);
  }

  forget(inputs: readonly StepInput[], machines: readonly string[]): void {
    for (const { nodeId } of inputs) for (const machine of machines) this.rows.delete(rowKey(machine, nodeId));
  }

  private put(key: string, version: number, state: NodeRow['state']): void {
    this.rows.delete(key);
    this.rows.set(key, { version, state, deadline: null, lastHeartbeatAt: null });
    if (this.rows.size <= this.maxRows) return;
    for (const oldest of this.rows.keys()) {
      this.rows.delete(oldest);
      if (this.rows.size <= this.maxRows) return;
    }
  }
}
