import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { generateSigningKey, join, type Membership } from '../../src/client/sdk.js';
import { until } from '../support/stack.js';
import { build, Rollcall } from './rollcall.js';

jest.setTimeout(600_000);

type Listed = { readonly items: readonly { readonly nodeId: string; readonly state: string }[] };

/** With nothing else: the log keeps headers, the registry its key, and it can be a node of a fleet that signs. */
let rollcall: Rollcall;
const members: Membership[] = [];

beforeAll(async () => {
  await build();
  rollcall = await Rollcall.startEmbedded({ SIGNED_EVENTS: 'required', SELF_REGISTRATION: 'true' });
});
afterAll(async () => {
  await Promise.all(members.map((member) => member.leave({ withinMs: 1000 })));
  await rollcall?.stop();
});

async function isIn(nodeId: string, state: string): Promise<void> {
  await until(
    async () => {
      const { items } = (await rollcall.get('/v1/nodes?limit=1000')).body as Listed;
      return items.some((node) => node.nodeId === nodeId && node.state === state);
    },
    { what: `${nodeId} to be ${state}` },
  );
}

function post(path: string, body: object): Promise<Response> {
  return fetch(`${rollcall.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-event-id': randomUUID() },
    body: JSON.stringify(body),
  });
}

it('a node that signs joins, one that does not is rejected, and the registry joins by its own key', async () => {
  const { privateKey } = generateSigningKey();
  const signing = { privateKey };
  const member = join({ nodeId: 'n-1', nodeType: 'effect', registry: { url: rollcall.url }, signals: false, signing });
  members.push(member);
  await member.whenActive();
  expect((await post('/v1/nodes/n-2/introspection', { nodeType: 'effect' })).status).toBe(202);
  await isIn('n-2', 'rejected');
  await until(
    async () =>
      ((await rollcall.get('/v1/nodes?nodeType=orchestrator&state=active')).body as Listed).items.length === 1,
    { what: 'the registry to be a node of its own fleet' },
  );
  expect((await post('/v1/nodes/n-1/introspection', { nodeType: 'effect', reason: 'shutdown' })).status).toBe(202);
  const unsigned = /^rollcall_doubted_messages_total\{message="NODE_INTROSPECTION",reason="unsigned"\} 2$/m;
  await until(async () => unsigned.test(await (await fetch(`${rollcall.url}/metrics`)).text()), {
    what: 'both unsigned introspections to be counted',
  });
  expect((await post('/v1/nodes', { nodeId: 'n-3', nodeType: 'effect' })).status).toBe(202);
  await isIn('n-3', 'active');
  await isIn('n-1', 'active');
});
