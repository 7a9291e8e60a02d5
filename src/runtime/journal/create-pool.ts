/** The connections of a database. */
import pg, { type Pool, type QueryConfig, type QueryResult } from 'pg';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import { clientOf, type DatabaseUrl } from './connection-of.js';
import type { Queryable } from './due-deadlines.js';

/**
 * A process that hangs amid a step has its nodes' rows locked, and every other replica waits for them. After so long, as after
 * the session of its consumer group, the server ends its transaction; our steps pause there for milliseconds.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** Each step loop has one statement on its way, and so have the heartbeats and the deadlines that begin. */
const PLANNED_CONNECTIONS = 6;
/** Plans are made once, and must not rest on how small a table was then. */
const BY_KEYS =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off';

export function createPool(name: string, url: DatabaseUrl, max: number, log: Log, settings?: string): Pool {
  const pool = new pg.Pool({
    Client: clientOf(url),
    application_name: `rollcall-${name}`,
    max,
    // On a pool of one this is how long one waits for the others' work.
    connectionTimeoutMillis: max === 1 ? 30_000 : 5000,
    query_timeout: 30_000,
    // Startup parameter; PGlite has nobody whom a lock could keep waiting.
    ...(max > 1 && { idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS }),
    keepAlive: true,
    ...(settings !== undefined && { options: settings }),
  });
  pool.on('error', (error) => {
    log.warn({ database: name, error: errorText(error) }, 'an idle database connection broke');
  });
  // A connection that breaks between two queries of a transaction says so by an event, which unheard would end the
  // process; the next query on it fails, and that is what its user acts on.
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      log.debug({ database: name, error: errorText(error) }, 'a database connection broke');
    });
  });
  return pool;
}

/** For named statements, planned once a connection, that find rows by their keys. */
export function createPlannedPool(name: string, url: DatabaseUrl, log: Log): Pool {
  return createPool(name, url, PLANNED_CONNECTIONS, log, BY_KEYS);
}

/** A server without autovacuum never notices that a table has grown, and never plans anew: there each statement is planned as it comes. */
export function planning(pool: Pool): Queryable {
  const query = ({ text, values }: QueryConfig): Promise<QueryResult> => pool.query({ text, values: values ?? [] });
  return { query } as Queryable;
}
