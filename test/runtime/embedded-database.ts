import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { EmbeddedPostgres } from '../../src/runtime/embedded/embedded-postgres.js';

const TEMPLATE = join(tmpdir(), `rollcall-test-template-${process.pid}`);

/** A data folder with a fresh database: copied, as making one takes seconds. */
export async function emptyDatabaseIn(dataDir: string): Promise<void> {
  if (!existsSync(join(TEMPLATE, 'postgres'))) {
    const postgres = new EmbeddedPostgres({ dataDir: TEMPLATE, log: pino({ level: 'silent' }) });
    await postgres.ready;
    await postgres.close();
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  cpSync(join(TEMPLATE, 'postgres'), join(dataDir, 'postgres.copy'), { recursive: true });
  renameSync(join(dataDir, 'postgres.copy'), join(dataDir, 'postgres'));
}

/** Once a test file is done. */
export function removeTemplate(): void {
  rmSync(TEMPLATE, { recursive: true, force: true });
}
