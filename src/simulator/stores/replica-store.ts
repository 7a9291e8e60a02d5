import type { DeadlineStore } from '../../runtime/journal/deadline-store.js';
import type { DueDeadline } from '../../runtime/journal/due-deadlines.js';
import { searchedBy } from '../../runtime/journal/rows.js';
import { StateCache } from '../../runtime/journal/state-cache.js';
import type { StateStore } from '../../runtime/journal/state-store.js';
import { transact, type Store } from '../../runtime/journal/transact.js';
import type { Owner, VirtualTime } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';
import type { LeaderSession } from './leader-sessions.js';
import type { StateRow } from './rows.js';
import type { OpenTransaction, StateTable } from './state-table.js';

type Parts = {
  readonly owner: Owner;
  readonly time: VirtualTime;
  readonly wire: Wire;
  readonly table: StateTable;
  /** Told what the effects of this replica were told to be desired. */
  readonly onDesired: (owner: Owner, nodeId: string, revision: number) => void;
};

/** So few that rows are forgotten as well as remembered. */
const CACHED_ROWS = 12;
/** The server notices a broken connection after so long. Milliseconds. */
const NOTICES_AFTER_MS = 20;
const QUERY_TIMEOUT_MS = 30_000;

/** The store as one replica reaches it: the runtime's own transaction loop, over requests that may fail at every point. */
export function replicaStore({ owner, time, wire, table, onDesired }: Parts): StateStore {
  const ask = <T>(what: string, carryOut: () => T | Promise<T>): Promise<T> =>
    wire.call(owner, 'store', what, carryOut, { timeoutMs: QUERY_TIMEOUT_MS });
  /** A transaction that fails is rolled back; where nobody can say so, the server sees that the connection is gone. */
  const undoing = async <T>(transaction: OpenTransaction, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await ask('rollback', () => table.rollback(transaction)).catch(() => {
        time.plan(NOTICES_AFTER_MS, time.world, () => table.rollback(transaction));
      });
      throw error;
    }
  };
  const store: Store = {
    inTransaction: async (work) => {
      const transaction = await ask('begin', () => table.begin(owner));
      return undoing(transaction, async () => {
        const result = await work({
          load: (lookup) => ask('load', () => table.load(transaction, lookup)),
          write: (written) => ask('write', () => table.write(transaction, written)),
        });
        await ask('commit', () => table.commit(transaction));
        return result;
      });
    },
    load: (lookup) => ask('read', () => table.read(lookup)),
    write: (written) => ask('write alone', () => table.writeAlone(owner, written)),
  };
  const cache = new StateCache(CACHED_ROWS);
  const rows = (machine: string): readonly StateRow[] =>
    [...table.rows.values()].filter((row) => row.machine === machine);
  return {
    transact: (wanted, decide) => transact(store, cache, wanted, decide),
    countNodes: (machine, statuses) =>
      ask('count nodes', () => rows(machine).filter(({ status }) => statuses.includes(status)).length),
    desiredRevisions: async (nodeIds) => {
      const desired = await ask('desired revisions', () => {
        const revisions = new Map<string, number>();
        for (const nodeId of nodeIds) {
          const revision = desiredRevision(table, nodeId);
          if (revision !== null) revisions.set(nodeId, revision);
        }
        return revisions;
      });
      for (const nodeId of nodeIds) onDesired(owner, nodeId, desired.get(nodeId) ?? 0);
      return desired;
    },
    extendDeadlines: (machine, which, signs) =>
      ask('extend deadlines', () => table.extendDeadlines(owner, machine, which, signs)),
    startDeadlines: (announced) => ask('start deadlines', () => table.startDeadlines(owner, announced)),
    pinnedKeys: (machine, nodeIds) =>
      ask('pinned keys', () => {
        const known = rows(machine).filter(({ nodeId }) => nodeIds.includes(nodeId));
        return new Map(known.map(({ nodeId, state }) => [nodeId, searchedBy(state).publicKey]));
      }),
    countLive: () => ask('count live', () => rows('orchestrator').filter(owesHeartbeats).length),
  };
}

/** What the reducer wants of a node now; null where it has never seen it. */
export function desiredRevision(table: StateTable, nodeId: string): number | null {
  const state = table.rows.get(`reducer ${nodeId}`)?.state as { desired?: { revision?: number } | null } | undefined;
  return state?.desired?.revision ?? null;
}

/** The scanner's verbs on the session that holds the leader's lock: they fail with it. */
export function deadlineVerbs(session: LeaderSession, table: StateTable): DeadlineStore {
  const { clock } = { clock: () => table.clock() };
  return {
    lookAhead: ({ kinds, aheadMs, remainingShare, recentMs }) =>
      session.ask('look ahead', () => {
        const now = clock();
        const all = [...table.rows.values()].filter(({ machine }) => machine === 'orchestrator');
        const armed = all.filter(({ deadlineKind }) => deadlineKind !== null && kinds.includes(deadlineKind));
        return {
          clock: now,
          armed: armed.length,
          shortestMs: armed.length === 0 ? null : Math.min(...armed.map((row) => row.deadlineAfterMs ?? Infinity)),
          expired: all.filter(
            (row) => recentMs !== null && row.status === 'liveness_expired' && row.updatedAt > now - recentMs,
          ).length,
          upcoming: armed.flatMap(({ nodeId, deadlineAt, deadlineAfterMs }) => {
            const afterMs = deadlineAfterMs ?? 0;
            if (deadlineAt === null || deadlineAt > now + aheadMs + remainingShare * afterMs) return [];
            return [{ nodeId, at: deadlineAt, afterMs }];
          }),
        };
      }),
    due: ({ kinds, nodeIds, armedForMs }) =>
      session.ask('due deadlines', () =>
        [...table.rows.values()]
          .filter(
            (row) =>
              row.machine === 'orchestrator' &&
              nodeIds.includes(row.nodeId) &&
              row.deadlineKind !== null &&
              kinds.includes(row.deadlineKind) &&
              (row.deadlineAt ?? Infinity) <= clock() &&
              (row.deadlineAfterMs ?? 0) <= armedForMs,
          )
          .sort((a, b) => (a.deadlineAt ?? 0) - (b.deadlineAt ?? 0) || (a.nodeId < b.nodeId ? -1 : 1))
          .map(dueOf),
      ),
    silence: ({ remainingShare, recentMs }) =>
      session.ask('silence', () => {
        const all = [...table.rows.values()].filter(({ machine }) => machine === 'orchestrator');
        const live = all.filter(owesHeartbeats);
        const now = clock();
        return {
          live: live.length,
          silent: live.filter((row) => (row.deadlineAt ?? 0) <= now + (row.deadlineAfterMs ?? 0) * remainingShare)
            .length,
          expired: all.filter((row) => row.status === 'liveness_expired' && row.updatedAt > now - recentMs).length,
        };
      }),
    readGuard: () =>
      session.ask('read the guard', () => {
        const { releasedUntil, ...row } = table.guard;
        return { ...row, released: releasedUntil > clock() };
      }),
    writeGuard: (change) => session.ask('write the guard', () => void (table.guard = { ...table.guard, ...change })),
    markAnnounced: () =>
      session.ask('mark announced', () => void (table.guard = { ...table.guard, announcement: null })),
  };
}

function owesHeartbeats({ machine, deadlineKind }: StateRow): boolean {
  return machine === 'orchestrator' && deadlineKind === 'liveness';
}

function dueOf({ nodeId, deadlineKind, deadlineAt, state }: StateRow): DueDeadline {
  const { correlationId } = state as unknown as { correlationId: string };
  return { nodeId, kind: deadlineKind ?? 'ack', at: new Date(deadlineAt ?? 0).toISOString(), correlationId };
}
