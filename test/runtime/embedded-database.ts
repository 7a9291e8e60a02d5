import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { EmbeddedPostgres } from '../../src/runtime/embedded/embedded-postgres.js';

/** Of all test files of the run: the folder of temporary files is the run's own (scripts/jest-temporary.mjs). */
const TEMPLATE = join(tmpdir(), 'empty-database');

/** A data folder with a fresh database: copied, as making one takes seconds. */
export async function emptyDatabaseIn(dataDir: string): Promise<void> {
  if (!existsSync(TEMPLATE)) await makeTemplate();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  cpSync(TEMPLATE, join(dataDir, 'postgres.copy'), { recursive: true });
  renameSync(join(dataDir, 'postgres.copy'), join(dataDir, 'postgres'));
}

async function makeTemplate(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'making-'));
  const postgres = new EmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
  await postgres.ready;
  await postgres.close();
  try {
    renameSync(join(dataDir, 'postgres'), TEMPLATE);
  } catch (error) {
    if (!existsSync(TEMPLATE)) throw error; // else another worker was first
  }
  rmSync(dataDir, { recursive: true, force: true });
}
