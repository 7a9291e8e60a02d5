import type { Intent } from '../../messages/index.js';
import type { EffectOutcome, EffectRequest } from '../effect-handler.js';
import type { Pending, Settle } from '../resilience/apply-batch.js';
import { isolateCulprits } from '../resilience/isolate-culprits.js';
import type { ErrorCode } from '../resilience/error-codes.js';
import type { Resilience } from '../resilience/resilience-options.js';
import type { ConnectionPool, Queryable } from './queryable.js';
import { withClient } from './with-client.js';
import { withTable, type RestoreTable } from './with-table.js';

/** Larger statements are no faster, and hold locks and the event loop for longer. */
const MAX_ROWS = 500;

export type TableBackend = {
  readonly pool: ConnectionPool;
  readonly settings: Resilience;
  readonly classify: (error: unknown) => ErrorCode;
  readonly restoreTable?: RestoreTable | undefined;
};

type FencedStatement<R> = (db: Queryable, requests: readonly R[]) => Promise<readonly EffectOutcome[]>;

/** Runs a fenced statement over a batch, a bad row failing alone. Throws BackendFault. */
export async function writeRegistrations<R extends EffectRequest<Intent>>(
  { pool, settings, classify, restoreTable }: TableBackend,
  statement: FencedStatement<R>,
  pending: readonly Pending<R>[],
  settle: Settle<R>,
): Promise<void> {
  const write = (some: readonly Pending<R>[]): Promise<readonly EffectOutcome[]> => {
    const requests = some.map(({ item }) => item);
    return withClient(pool, settings.requestTimeoutMs, (client) =>
      withTable(client, restoreTable, () => statement(client, requests)),
    );
  };
  for (let start = 0; start < pending.length; start += MAX_ROWS) {
    const rows = pending.slice(start, start + MAX_ROWS);
    await isolateCulprits(rows, { write, classify, settle, settings });
  }
}
