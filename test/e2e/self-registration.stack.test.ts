import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { get, type NodeDocument } from './both/api.js';
import { Rollcall, build } from './rollcall.js';
import { World } from './world.js';

describeStack('replicas that are nodes of their own fleet', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let replicas: readonly Rollcall[] = [];

  beforeAll(async () => {
    await build();
    world = await World.create({ SELF_REGISTRATION: 'true' });
    const one = await Rollcall.start(world.environment);
    replicas = [one, await one.again()];
  });
  afterAll(async () => {
    for (const replica of replicas) await replica.stop();
    await world?.close();
  });

  const idOf = ({ url }: Rollcall) => `${world.registryId}-${hostname().toLowerCase()}-${new URL(url).port}`;

  async function isIn(asked: Rollcall, nodeId: string, state: string): Promise<void> {
    const stateOf = async () => (await get<NodeDocument>(`${asked.url}/v1/nodes/${nodeId}`)).body.state;
    await until(async () => (await stateOf()) === state, { what: `${nodeId} to be ${state}` });
  }

  it('are each a node, and one that stops has said goodbye', async () => {
    const [one, other] = replicas as [Rollcall, Rollcall];
    for (const replica of replicas) await isIn(one, idOf(replica), 'active');
    expect(idOf(one)).not.toBe(idOf(other));
    expect(await other.stop()).toBe(0);
    expect(other.lines).toContainEqual(expect.objectContaining({ msg: 'left its own fleet', told: true }));
    await isIn(one, idOf(other), 'deregistered');
    await isIn(one, idOf(one), 'active');
  });
});
