import { timeout, TimeoutStrategy, type TimeoutPolicy } from 'cockatiel';
import { isServerAnswer } from './classify-postgres-error.js';
import type { Connection, ConnectionPool } from './queryable.js';

/**
 * Lends a connection to `work`. Both, getting it and working with it, may take `timeoutMs`. A connection that hangs or broke is
 * thrown away; one on which the server merely refused a statement stays, with its prepared statements.
 */
export async function withClient<T>(
  pool: ConnectionPool,
  timeoutMs: number,
  work: (client: Connection) => Promise<T>,
): Promise<T> {
  const limit = timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  const client = await connect(pool, limit);
  // A connection that dies while it is lent emits 'error' besides failing its query; unheard, that would end the process.
  client.on('error', ignore);
  let broken = false;
  try {
    return await limit.execute(() => work(client));
  } catch (error) {
    broken = !isServerAnswer(error);
    throw error;
  } finally {
    if (!broken) client.off('error', ignore);
    client.release(broken);
  }
}

async function connect(pool: ConnectionPool, limit: TimeoutPolicy): Promise<Connection> {
  const connecting = pool.connect();
  try {
    return await limit.execute(() => connecting);
  } catch (error) {
    // One that comes too late goes back unused: nobody waits for it any more.
    connecting.then((client) => client.release(), ignore);
    throw error;
  }
}

const ignore = (): void => undefined;
