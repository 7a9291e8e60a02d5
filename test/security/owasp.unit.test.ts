/**
 * The OWASP API Security Top 10 (2023) and the GraphQL cheat sheet, attack by attack, on a registry as it runs in production, while a
 * fleet registers: each is refused, and the fleet comes to what it would have come to without them.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../support/stack.js';
import { graphqlSheet } from './graphql-sheet.js';
import { authentication } from './owasp-authentication.js';
import { flows } from './owasp-flows.js';
import { functions } from './owasp-functions.js';
import { misconfiguration } from './owasp-misconfiguration.js';
import { objectLevel } from './owasp-object-level.js';
import { properties } from './owasp-properties.js';
import { resources } from './owasp-resources.js';
import { unsafeConsumption } from './owasp-unsafe-consumption.js';
import { OWN_NODE, World } from './world.js';

jest.setTimeout(300_000);

let started: World | undefined;
const world = (): World => {
  if (started === undefined) throw new Error('the registry did not start');
  return started;
};

beforeAll(async () => {
  started = await World.start();
});
afterAll(() => started?.stop());

objectLevel(world);
authentication(world);
properties(world);
resources(world);
functions(world);
flows(world);
graphqlSheet(world);
unsafeConsumption();
misconfiguration(world);

describe('the fleet that registered meanwhile', () => {
  it('is active, all of it, and nobody else is there', async () => {
    const fleet = await world().fleetIsActive();
    const others = ['flow-1', 'ssrf-1'];
    const ids = await world().nodeIds();
    expect(ids.filter((id) => id.startsWith('fleet-'))).toEqual(fleet);
    const strangers = ids.filter((id) => !fleet.includes(id) && !others.includes(id) && id !== 'ssrf-2');
    expect(strangers).toEqual([]);
    for (const id of fleet) {
      const { body } = await world().as('reader', `/v1/nodes/${id}`);
      expect(body).toMatchObject({ state: 'active', endpoints: { api: 'http://10.0.0.1:8080' } });
    }
    expect(ids).not.toContain(OWN_NODE);
  });

  it('left no dead letter, and a registry that is healthy', async () => {
    expect((await world().as('reader', '/v1/dead-letters')).body).toMatchObject({ items: [] });
    // A probe that the machine held up for seconds tells of a loss until the next one.
    await until(async () => (await world().as('reader', '/health')).body?.['status'] === 'healthy', { what: 'health' });
  });

  it('and no token stands in the log', () => {
    const lines = JSON.stringify(world().rollcall.lines);
    expect(lines).not.toContain('rollcall_');
    expect(lines).toContain('a command was answered');
    expect(lines).toContain('requests were refused');
  });
});
