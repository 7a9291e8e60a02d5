import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { EmbeddedPostgres } from '../../../src/runtime/embedded/embedded-postgres.js';
import { Database } from '../../../src/runtime/journal/database.js';
import { stateMigrations } from '../../../src/runtime/journal/migrations/index.js';
import { emptyDatabaseIn } from '../../runtime/embedded-database.js';
import { replayProblems } from '../journal.js';
import type { Environment } from '../rollcall.js';
import { freePort, type Place } from './place.js';

/** What a registry is called that was not given a name. */
const REGISTRY_ID = 'rollcall';

/** A data folder of its own, and nothing else. */
export async function embeddedPlace(overrides: Environment): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-place-'));
  const dataDir = join(folder, 'data');
  await emptyDatabaseIn(dataDir);
  const port = await freePort();
  return {
    environment: { DATA_DIR: dataDir, PORT: String(port), ...overrides },
    url: `http://127.0.0.1:${port}`,
    registryId: REGISTRY_ID,
    consul: ({ url }) => `${url}/consul`,
    fold: () => foldFolder(dataDir),
    appendRubbish: null,
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Opens a data folder that no process uses, and folds the journal in it. */
export async function foldFolder(dataDir: string, registryId = REGISTRY_ID): ReturnType<typeof replayProblems> {
  const log = pino({ level: 'silent' });
  const server = new EmbeddedPostgres({ dataDir, log });
  const state = { name: 'state', migrations: stateMigrations, url: server.url, connections: 1, exclusive: true };
  const database = new Database({ ...state, server, log });
  try {
    await server.ready;
    await database.ready;
    return await replayProblems({ database: database.pool, registryId });
  } finally {
    await database.close();
  }
}
