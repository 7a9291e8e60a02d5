import { expect, it } from '@jest/globals';
import { until } from '../../support/stack.js';
import { pages, type NodeDocument } from './api.js';
import { idsOf, registers } from './fleets.js';
import type { Registry } from './registry.js';

/** Of a fleet that is interrupted: enough seconds of registering to come between, also on a busy machine. */
const INTERRUPTED = { size: 80, perSecond: 8 };

/** Fleets whose registry goes away while they register. */
export function interruptedFleets(registry: () => Registry): void {
  it('ends with all of a fleet active, though it was killed while they registered', async () => {
    const ended = await whileRegistering(registry(), 'killed', () => registry().kill());
    expect(ended).toBe('interrupted');
    await hasAll(registry(), 'killed');
  });

  it('stops cleanly while a fleet registers, and ends with all of it active when it is back', async () => {
    const ended = await whileRegistering(registry(), 'stopped', async () => {
      const code = await registry().stop();
      if (code !== 0) throw new Error(`it stopped with exit code ${code}: ${registry().tail()}`);
    });
    expect(ended).toBe('interrupted');
    await hasAll(registry(), 'stopped');
  });

  it('has every node of every fleet after a clean stop and a start', async () => {
    const before = await pages<NodeDocument>(registry().url, '/v1/nodes', 1000);
    expect(await registry().stop()).toBe(0);
    await registry().start();
    expect(await pages<NodeDocument>(registry().url, '/v1/nodes', 1000)).toEqual(before);
    expect(await registry().passing()).toEqual(
      before.filter(({ state, nodeType }) => state === 'active' && nodeType === 'effect').map(({ nodeId }) => nodeId),
    );
  });
}

/** Does something to the registry as soon as some of a fleet are active, starts it again, and waits for the fleet's end. */
async function whileRegistering(registry: Registry, prefix: string, interrupt: () => Promise<void>): Promise<string> {
  const { size, perSecond } = INTERRUPTED;
  let state = 'interrupted';
  const registering = registers(registry, prefix, size, '--rate', String(perSecond)).finally(() => (state = 'over'));
  // It is told of where it is waited for.
  registering.catch(() => undefined);
  await until(async () => (await registry.nodes(prefix)).some((node) => node.state === 'active'), {
    what: 'the first active node',
  });
  await interrupt();
  const atInterruption = state;
  await registry.start();
  await registering;
  return atInterruption;
}

async function hasAll(registry: Registry, prefix: string): Promise<void> {
  const ids = idsOf(prefix, INTERRUPTED.size);
  const nodes = await registry.nodes(prefix);
  expect(nodes.map(({ nodeId, state }) => `${nodeId} ${state}`)).toEqual(ids.map((nodeId) => `${nodeId} active`));
  await registry.untilPassing(prefix, ids);
}
