import type { BackendAudit } from '../drift/backend-audit.js';
import { BUCKETS } from '../drift/buckets.js';
import type { Connection, ConnectionPool, Queryable } from '../postgres/queryable.js';
import { bucketMarks } from '../postgres/row-buckets.js';
import { withClient } from '../postgres/with-client.js';
import { compareCatalog } from './compare-catalog.js';

/** The pool stays the caller's. */
export type CatalogAuditOptions = {
  readonly pool: ConnectionPool;
  readonly registryId: string;
  readonly isServing: () => boolean;
  readonly requestTimeoutMs?: number;
};

const REQUEST_TIMEOUT_MS = 10_000;

/** Looks at the embedded catalog in Consul's place: a node has one row there, so nothing of it can stand elsewhere. */
export function createCatalogAudit(options: CatalogAuditOptions): BackendAudit {
  const { pool, registryId, isServing, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const ask = <T>(question: (client: Connection) => Promise<T>): Promise<T> =>
    withClient(pool, requestTimeoutMs, question);

  return {
    backend: 'consul',
    isServing,
    marks: () =>
      ask(async (client) => {
        const nodes = await nodesMark(client);
        return (await bucketMarks(client, 'catalog_services', BUCKETS)).map((mark) => `${nodes} ${mark}`);
      }),
    compare: async (bucket, desired) => ({
      compared: desired.filter(({ settled }) => settled).length,
      ...(await ask((client) => compareCatalog(client, { bucket, desired, registryId }))),
    }),
  };
}

/** The synthetic nodes have a table of their own, of a few hundred rows: without its node, a service is not shown. */
async function nodesMark(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ mark: string }>({
    name: 'catalog-nodes-mark',
    text: `SELECT concat(count(*), ' ', sum(hashtextextended(node || xmin::text || ctid::text, 0))) AS mark FROM catalog_nodes`,
  });
  return rows[0]?.mark ?? '';
}
