import { replayProblems } from '../journal.js';
import type { Environment } from '../rollcall.js';
import { addressOf } from '../../support/stack.js';
import { World } from '../world.js';
import { freePort, type Place } from './place.js';

/** Topics, a database and names of its own on the real servers. */
export async function stackPlace(overrides: Environment): Promise<Place> {
  const port = await freePort();
  const world = await World.create({ PORT: String(port), ...overrides });
  return {
    environment: world.environment,
    url: `http://127.0.0.1:${port}`,
    registryId: world.registryId,
    consul: () => addressOf('consul'),
    fold: () => replayProblems(world),
    appendRubbish: (nodeId) => world.append('evt.node-heartbeat.v1', nodeId, 'no JSON at all'),
    clear: () => world.close(),
  };
}
