import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { pino } from 'pino';
import { EmbeddedPostgres } from '../../src/runtime/embedded/embedded-postgres.js';
import { Database } from '../../src/runtime/journal/database.js';
import { describeEmbeddedLog } from './embedded-transport-suite.js';

describe('the embedded log in the embedded database', () => {
  const root = mkdtempSync(join(tmpdir(), 'embedded-log-'));
  const log = pino({ level: 'silent' });
  const postgres = new EmbeddedPostgres({ dataDir: join(root, 'data'), log });

  describeEmbeddedLog(async () => {
    await postgres.ready;
    const database = new Database({
      name: 'state',
      url: postgres.url,
      migrations: [],
      connections: 1,
      exclusive: true,
      log,
    });
    await database.ready;
    return database;
  });

  afterAll(async () => {
    await postgres.close();
    rmSync(root, { recursive: true, force: true });
  });
});
