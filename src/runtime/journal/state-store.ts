import type { NotExtended, Sign } from './extend-deadlines.js';
import type { LoadedRows } from './rows.js';
import type { Announced } from './start-deadlines.js';
import type { Wanted, Written } from './transact.js';

/**
 * What the lanes need of the place where states and journal are kept. {@link Journal} is the one in PostgreSQL; the simulator
 * has one in memory. Every verb rejects while the store cannot be reached.
 */
export type StateStore = {
  /** See {@link Journal.transact}. */
  transact<D extends Written>(wanted: Wanted, decide: (loaded: LoadedRows) => D): Promise<D>;
  /** Nodes of a machine in one of the given states. */
  countNodes(machine: string, statuses: readonly string[]): Promise<number>;
  /** Revision that the reducer wants of each node now; nodes that it has never seen are missing. */
  desiredRevisions(nodeIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** See `extendDeadlines` in extend-deadlines.ts. */
  extendDeadlines(
    machine: string,
    which: { readonly kind: string; readonly statuses: readonly string[] },
    signs: readonly Sign[],
  ): Promise<readonly NotExtended[]>;
  /** See `startDeadlines` in start-deadlines.ts. */
  startDeadlines(announced: readonly Announced[]): Promise<void>;
  /** See `pinnedKeys` in pinned-keys.ts. */
  pinnedKeys(machine: string, nodeIds: readonly string[]): Promise<ReadonlyMap<string, string | null>>;
  /** Nodes that owe heartbeats. */
  countLive(): Promise<number>;
};
