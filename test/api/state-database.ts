import { ReadIndexes1700000000002 } from '../../src/runtime/journal/migrations/2-read-indexes.js';
import { createLog, Database, stateMigrations } from '../../src/runtime/index.js';
import { createDatabase } from '../support/stack.js';

export type StateDatabase = { readonly database: Database; readonly drop: () => Promise<void> };

/** A database with the tables that the api reads, as the runtime makes them. */
export async function createStateDatabase(): Promise<StateDatabase> {
  const { url, drop } = await createDatabase();
  const migrations = [...new Set([...stateMigrations, ReadIndexes1700000000002])];
  const database = new Database({ name: 'state', url, migrations, connections: 4, log: createLog('silent') });
  await database.ready;
  return {
    database,
    drop: async () => {
      await database.close();
      await drop();
    },
  };
}
