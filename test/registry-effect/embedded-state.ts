import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../src/runtime/embedded/embedded-postgres.js';
import { createLog, Database, stateMigrations } from '../../src/runtime/index.js';
import { emptyDatabaseIn } from '../runtime/embedded-database.js';

/** The state database as the program has it without any environment: PGlite, and one connection for all. */
export async function openEmbeddedState(): Promise<{ readonly state: Database; close(): Promise<void> }> {
  const log = createLog('silent');
  const root = mkdtempSync(join(tmpdir(), 'rollcall-effects-'));
  const dataDir = join(root, 'data');
  await emptyDatabaseIn(dataDir);
  const server = new EmbeddedPostgres({ dataDir, log });
  const state = new Database({
    name: 'state',
    url: server.url,
    migrations: stateMigrations,
    connections: 1,
    exclusive: true,
    server,
    log,
  });
  return {
    state,
    close: async () => {
      await state.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
