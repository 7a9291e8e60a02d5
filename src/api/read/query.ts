import type { QueryConfig, QueryResultRow } from 'pg';
import type { Database } from '../../runtime/index.js';

/** The state database does not answer now; trying again later can help. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}

/** A read that takes longer is given up, so that a database that hangs does not keep callers waiting. */
const TIMEOUT_MS = 5000;

export type Statement = {
  /** Prepared once a connection where it has one: for statements whose plan does not depend on their values. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
};

/** Rows of a read. Throws {@link StateUnavailable}; any other error is a mistake of ours. */
export async function rowsOf<R extends QueryResultRow>(
  database: Database,
  statement: Statement,
): Promise<readonly R[]> {
  const { values, ...rest } = statement;
  const query: QueryConfig & { query_timeout: number } = { ...rest, values: [...values], query_timeout: TIMEOUT_MS };
  try {
    return (await database.pool.query<R>(query)).rows;
  } catch (error) {
    if (isUnavailable(error)) throw new StateUnavailable('the state database does not answer', { cause: error });
    throw error;
  }
}

/**
 * Whether the failure lies with the database being away: no SQLSTATE (refused, reset, timed out, not connected yet), or one of
 * class 08 connection, 28 authorisation, 53 resources, 57 operator intervention, 58 system, 3D unknown database.
 */
function isUnavailable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || /^(08|28|53|57|58|3D)/.test(code);
}
