import { errorText } from '../../messages/index.js';
import { isMissingTable } from './classify-postgres-error.js';
import type { Queryable } from './queryable.js';

/** Makes the table again that somebody has dropped; the connection is its own. */
export type RestoreTable = (connection: Queryable) => Promise<void>;

/**
 * Runs a statement; where it finds no table, has that made, and runs it once more. While the table cannot be made, the error stays that of
 * a missing table: the backend does not serve, and no node is at fault.
 */
export async function withTable<T>(
  connection: Queryable,
  restore: RestoreTable | undefined,
  statement: () => Promise<T>,
): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    if (restore === undefined || !isMissingTable(error)) throw error;
    try {
      await restore(connection);
    } catch (cause) {
      error.message += `, and it cannot be made again: ${errorText(cause)}`;
      throw error;
    }
    return statement();
  }
}
