import { DataSource } from 'typeorm';
import { registryMigrations } from '../../src/registry-effect/index.js';

/** Runs `work` on a connection that knows the migrations of the registry database. */
export async function withMigrations<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = new DataSource({ type: 'postgres', url, migrations: [...registryMigrations] });
  await source.initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

export const migrateUp = (url: string): Promise<unknown> => withMigrations(url, (source) => source.runMigrations());
