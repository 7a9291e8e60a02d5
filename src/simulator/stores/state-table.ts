import type { NotExtended, Sign } from '../../runtime/journal/extend-deadlines.js';
import {
  entryKey,
  rowKey,
  type LoadedRows,
  type MachineEntry,
  type NodeRow,
  type StateChange,
} from '../../runtime/journal/rows.js';
import type { Announced } from '../../runtime/journal/start-deadlines.js';
import { ConcurrentStep, type Lookup, type Written } from '../../runtime/journal/transact.js';
import type { MachineState } from '../../runtime/lanes/step.js';
import type { Owner, VirtualTime } from '../time/virtual-time.js';
import { RowLocks } from './row-locks.js';
import { loadedRow, type JournalRow, type StateRow, type StoredGuard } from './rows.js';

/** A connection's transaction. Once it is over, each further statement on it fails. */
export class OpenTransaction {
  over: 'committed' | 'rolled back' | null = null;
  /** When the server answered last; null while a statement runs. */
  idleSince: number | null = 0;
  readonly rows = new Map<string, StateRow>();
  readonly entries: MachineEntry[] = [];
  writtenAt = 0;

  constructor(readonly owner: Owner) {}
}

class TransactionEnded extends Error {
  readonly code = '25P03';
  readonly severity = 'FATAL';
}

type Committed = {
  readonly owner: Owner;
  readonly rows: readonly StateRow[];
  readonly entries: readonly JournalRow[];
};

/**
 * machine_states and journal as PostgreSQL keeps them under read committed: rows locked in the order of their keys until the end of a
 * transaction; a statement sees rows that were there when it began, in the version that it finds once it has their locks, and of the
 * journal what was committed when it began.
 */
export class StateTable {
  readonly rows = new Map<string, StateRow>();
  /** In the order of their commits; each node's of one machine. */
  readonly journal = new Map<string, JournalRow[]>();
  readonly entries = new Map<string, JournalRow>();
  readonly locks = new RowLocks();
  guard: StoredGuard = { heldSince: null, expiring: 0, live: 0, announcement: null, releasedUntil: 0 };
  private readonly open = new Set<OpenTransaction>();
  private readonly listeners: ((committed: Committed) => void)[] = [];
  private commits = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly server: Owner,
  ) {}

  /** Hears of every commit at its moment. */
  onCommit(listener: (committed: Committed) => void): void {
    this.listeners.push(listener);
  }

  /** The database's clock, epoch milliseconds. */
  clock(): number {
    return this.time.clock(this.server);
  }

  begin(owner: Owner): OpenTransaction {
    const transaction = new OpenTransaction(owner);
    transaction.idleSince = this.time.now;
    this.open.add(transaction);
    return transaction;
  }

  /** Locks what it finds. */
  async load(transaction: OpenTransaction, lookup: Lookup): Promise<LoadedRows> {
    return this.statement(transaction, async () => {
      const snapshot = this.commits;
      const rows = new Map<string, NodeRow>();
      for (const key of sortedKeys(lookup.rows)) {
        const row = await this.lockedRow(transaction, key, snapshot);
        if (row !== undefined) rows.set(key, loadedRow(row));
      }
      return { rows, outputs: this.outputsOf(lookup.inputs, snapshot) };
    });
  }

  /** What is committed now. */
  read(lookup: Lookup): LoadedRows {
    const rows = new Map<string, NodeRow>();
    for (const key of sortedKeys(lookup.rows)) {
      const row = this.rows.get(key);
      if (row !== undefined) rows.set(key, loadedRow(row));
    }
    return { rows, outputs: this.outputsOf(lookup.inputs, this.commits) };
  }

  async write(transaction: OpenTransaction, { changes, read, entries }: Written): Promise<void> {
    await this.statement(transaction, async () => {
      transaction.writtenAt = this.time.now;
      for (const change of changes) {
        const key = rowKey(change.machine, change.nodeId);
        await this.lock(transaction, key);
        const stored = this.rows.get(key);
        if ((stored?.version ?? 0) !== change.expectedVersion) throw concurrent();
        transaction.rows.set(key, this.changed(stored, change));
      }
      for (const { machine, nodeId, version } of read) {
        await this.lock(transaction, rowKey(machine, nodeId));
        if (this.rows.get(rowKey(machine, nodeId))?.version !== version) throw concurrent();
      }
      for (const entry of entries) {
        if (this.entries.has(entryKey(entry.machine, entry.nodeId, entry.eventId))) throw concurrent();
        transaction.entries.push(entry);
      }
    });
  }

  /** One statement that is its own transaction. */
  async writeAlone(owner: Owner, written: Written): Promise<void> {
    const transaction = this.begin(owner);
    try {
      await this.write(transaction, written);
      // Another may have recorded the same while this waited for its rows.
      if (written.entries.some((entry) => this.entries.has(entryKey(entry.machine, entry.nodeId, entry.eventId)))) {
        throw concurrent();
      }
      this.commit(transaction);
    } finally {
      this.rollback(transaction);
    }
  }

  commit(transaction: OpenTransaction): void {
    this.assertOpen(transaction);
    this.commits += 1;
    const { now } = this.time;
    const entries = transaction.entries.map((entry) => ({
      ...entry,
      writtenAt: transaction.writtenAt,
      commit: this.commits,
      at: now,
    }));
    for (const [key, row] of transaction.rows) {
      const before = this.rows.get(key);
      this.rows.set(key, before === undefined ? { ...row, createdBy: this.commits, createdAt: now } : row);
    }
    for (const entry of entries) {
      this.entries.set(entryKey(entry.machine, entry.nodeId, entry.eventId), entry);
      const key = rowKey(entry.machine, entry.nodeId);
      const all = this.journal.get(key);
      if (all === undefined) this.journal.set(key, [entry]);
      else all.push(entry);
    }
    this.finish(transaction, 'committed');
    const rows = [...transaction.rows.values()];
    if (rows.length + entries.length === 0) return;
    for (const listener of this.listeners) listener({ owner: transaction.owner, rows, entries });
  }

  rollback(transaction: OpenTransaction): void {
    if (transaction.over === null) this.finish(transaction, 'rolled back');
  }

  /** The connections of a process are gone, or of all; what they had begun is undone. */
  abortAll(mine: (transaction: OpenTransaction) => boolean): void {
    for (const transaction of [...this.open]) if (mine(transaction)) this.rollback(transaction);
  }

  /** One statement outside a transaction: locks in the order of the keys, writes, lets go. */
  async extendDeadlines(
    owner: Owner,
    machine: string,
    { kind, statuses }: { readonly kind: string; readonly statuses: readonly string[] },
    signs: readonly Sign[],
  ): Promise<readonly NotExtended[]> {
    const transaction = this.begin(owner);
    return this.statement(transaction, async () => {
      const snapshot = this.commits;
      const rest: NotExtended[] = [];
      const latest = new Map(signs.map(({ nodeId, at }) => [nodeId, at]));
      for (const nodeId of sortedIds(signs)) {
        const key = rowKey(machine, nodeId);
        const row = await this.lockedRow(transaction, key, snapshot);
        if (row === undefined || !statuses.includes(row.status) || row.deadlineKind !== kind) {
          rest.push({ nodeId, status: row?.status ?? null });
          continue;
        }
        const at = new Date(latest.get(nodeId) ?? 0).toISOString();
        transaction.rows.set(key, {
          ...row,
          deadlineAt: this.clock() + (row.deadlineAfterMs ?? 0),
          lastHeartbeatAt: row.lastHeartbeatAt === null || at > row.lastHeartbeatAt ? at : row.lastHeartbeatAt,
        });
      }
      this.commit(transaction);
      return rest;
    }).finally(() => this.rollback(transaction));
  }

  /** The same: deadlines that wait for the outputs of these inputs begin. */
  async startDeadlines(owner: Owner, announced: readonly Announced[]): Promise<void> {
    const transaction = this.begin(owner);
    await this.statement(transaction, async () => {
      const snapshot = this.commits;
      const inputs = new Set(announced.map(({ machine, nodeId, eventId }) => entryKey(machine, nodeId, eventId)));
      const waits = (row: StateRow | undefined): row is StateRow =>
        row?.deadlineAt === null && inputs.has(entryKey(row.machine, row.nodeId, row.deadlineAnnouncedBy ?? ''));
      for (const key of sortedKeys(announced)) {
        if (!waits(this.rows.get(key))) continue;
        const row = await this.lockedRow(transaction, key, snapshot);
        if (waits(row))
          transaction.rows.set(key, { ...row, deadlineAt: this.clock() + (row.deadlineAfterMs ?? 0) + 1 });
      }
      this.commit(transaction);
    }).finally(() => this.rollback(transaction));
  }

  private outputsOf(inputs: Lookup['inputs'], snapshot: number): ReadonlyMap<string, string> {
    const outputs = new Map<string, string>();
    for (const { machine, nodeId, eventId } of inputs) {
      const key = entryKey(machine, nodeId, eventId);
      const entry = this.entries.get(key);
      if (entry !== undefined && entry.commit <= snapshot) outputs.set(key, entry.outputs);
    }
    return outputs;
  }

  private async statement<T>(transaction: OpenTransaction, work: () => Promise<T>): Promise<T> {
    this.assertOpen(transaction);
    transaction.idleSince = null;
    try {
      return await work();
    } finally {
      transaction.idleSince = this.time.now;
    }
  }

  private async lockedRow(transaction: OpenTransaction, key: string, snapshot: number): Promise<StateRow | undefined> {
    const seen = this.rows.get(key);
    if (seen === undefined || seen.createdBy > snapshot) return undefined;
    await this.lock(transaction, key);
    return this.rows.get(key);
  }

  private async lock(transaction: OpenTransaction, key: string): Promise<void> {
    const waiting = this.locks.acquire(transaction, key);
    if (waiting !== null) await waiting;
    this.assertOpen(transaction);
  }

  private changed(stored: StateRow | undefined, change: StateChange): StateRow {
    const { machine, deadline, text } = change;
    const now = this.clock();
    const armed =
      deadline === 'keep'
        ? {
            deadlineKind: stored?.deadlineKind ?? null,
            deadlineAfterMs: stored?.deadlineAfterMs ?? null,
            deadlineAt: stored?.deadlineAt ?? null,
            deadlineAnnouncedBy: stored?.deadlineAnnouncedBy ?? null,
          }
        : {
            deadlineKind: deadline?.kind ?? null,
            deadlineAfterMs: deadline?.afterMs ?? null,
            deadlineAt: deadline === null || change.announcedBy !== null ? null : now + deadline.afterMs,
            deadlineAnnouncedBy: change.announcedBy,
          };
    return {
      machine,
      nodeId: change.nodeId,
      version: change.version,
      status: change.status,
      text,
      state: JSON.parse(text) as MachineState,
      ...armed,
      lastHeartbeatAt: stored?.lastHeartbeatAt ?? null,
      updatedAt: now,
      createdBy: stored?.createdBy ?? 0,
      createdAt: stored?.createdAt ?? 0,
    };
  }

  private assertOpen({ over }: OpenTransaction): void {
    if (over !== null) throw new TransactionEnded(`the transaction is over: it was ${over}`);
  }

  private finish(transaction: OpenTransaction, over: 'committed' | 'rolled back'): void {
    transaction.over = over;
    this.open.delete(transaction);
    this.locks.release(transaction);
  }
}

function concurrent(): ConcurrentStep {
  return new ConcurrentStep('another replica decided on a node of this batch at the same time');
}

function sortedKeys(rows: readonly { readonly machine: string; readonly nodeId: string }[]): readonly string[] {
  return [...new Set(rows.map(({ machine, nodeId }) => rowKey(machine, nodeId)))].sort();
}

function sortedIds(inputs: readonly { readonly nodeId: string }[]): readonly string[] {
  return [...new Set(inputs.map(({ nodeId }) => nodeId))].sort();
}
