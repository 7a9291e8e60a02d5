import type { BackendAudit } from '../drift/backend-audit.js';
import { BUCKETS } from '../drift/buckets.js';
import { compareRegistrations } from './compare-registrations.js';
import type { Connection, ConnectionPool } from './queryable.js';
import { bucketMarks } from './row-buckets.js';
import { withClient } from './with-client.js';
import { withTable, type RestoreTable } from './with-table.js';

/** The pool stays the caller's. */
export type PostgresAuditOptions = {
  readonly pool: ConnectionPool;
  readonly isServing: () => boolean;
  readonly requestTimeoutMs?: number;
  readonly restoreTable?: RestoreTable;
};

const REQUEST_TIMEOUT_MS = 10_000;

/** Looks at `node_registrations`. A row of a node that was never desired is foreign: the table knows no owner. */
export function createPostgresAudit(options: PostgresAuditOptions): BackendAudit {
  const { pool, isServing, requestTimeoutMs = REQUEST_TIMEOUT_MS, restoreTable } = options;
  const ask = <T>(question: (client: Connection) => Promise<T>): Promise<T> =>
    withClient(pool, requestTimeoutMs, (client) => withTable(client, restoreTable, () => question(client)));

  return {
    backend: 'postgres',
    isServing,
    marks: () => ask((client) => bucketMarks(client, 'node_registrations', BUCKETS)),
    compare: async (bucket, desired) => ({
      compared: desired.filter(({ settled }) => settled).length,
      ...(await ask((client) => compareRegistrations(client, bucket, desired))),
    }),
  };
}
