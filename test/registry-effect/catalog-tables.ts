import { catalogMigrations } from '../../src/registry-effect/index.js';
import { createLog, Database } from '../../src/runtime/index.js';

const log = createLog('silent');

/** The tables of the catalog in a database, as the program makes them. The state's own tables are not needed. */
export async function openCatalog(url: string): Promise<{ readonly state: Database; close(): Promise<void> }> {
  const state = new Database({ name: 'state', url, migrations: [], connections: 8, log });
  const catalog = new Database({ name: 'catalog', shares: state, migrations: catalogMigrations, log });
  await catalog.ready;
  return {
    state,
    close: async () => {
      await catalog.close();
      await state.close();
    },
  };
}
