import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyDatabaseIn } from '../../runtime/embedded-database.js';
import { addressOf } from '../../support/stack.js';
import { replayProblems } from '../journal.js';
import type { Environment } from '../rollcall.js';
import { World } from '../world.js';
import { foldFolder } from './embedded-place.js';
import { freePort, type Place } from './place.js';

export const SERVERS = ['KAFKA_BROKERS', 'CONSUL_HTTP_ADDR', 'DATABASE_URL', 'REGISTRY_DATABASE_URL'] as const;
export type ServerVariable = (typeof SERVERS)[number];

/** Some parts are real servers, the others are embedded. */
export async function mixedPlace(real: readonly ServerVariable[], overrides: Environment): Promise<Place> {
  const world = await World.create();
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-place-'));
  const dataDir = join(folder, 'data');
  const hasServer = real.includes('DATABASE_URL');
  if (!hasServer) await emptyDatabaseIn(dataDir);
  const port = await freePort();
  const { DATABASE_URL: database = '', ...others } = world.environment;
  const servers: Environment = { ...others, DATABASE_URL: database, REGISTRY_DATABASE_URL: database };
  const environment = Object.fromEntries(
    Object.entries(servers).filter(([name]) => !isServer(name) || real.includes(name)),
  );
  return {
    environment: { ...environment, DATA_DIR: dataDir, PORT: String(port), ...overrides },
    url: `http://127.0.0.1:${port}`,
    registryId: world.registryId,
    consul: ({ url }) => (real.includes('CONSUL_HTTP_ADDR') ? addressOf('consul') : `${url}/consul`),
    fold: () => (hasServer ? replayProblems(world) : foldFolder(dataDir, world.registryId)),
    appendRubbish: null,
    clear: async () => {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isServer(name: string): name is ServerVariable {
  return (SERVERS as readonly string[]).includes(name);
}
