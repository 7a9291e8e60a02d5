import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { blocksOf } from '../docs/markdown.js';
import { page } from '../docs/pages.js';
import { until } from '../support/stack.js';
import { embeddedPlace } from './both/embedded-place.js';
import { Registry } from './both/registry.js';
import { Example, ROOT } from './example.js';
import { build } from './rollcall.js';

jest.setTimeout(600_000);

/** What the page begins with, for whoever writes a node. */
const [tenLines] = blocksOf(page('docs/nodes.md')).filter(({ language }) => language === 'js');

describe('the examples, beside a registry with nothing else', () => {
  let registry: Registry;
  let running: Example[] = [];

  beforeAll(async () => {
    await build();
    registry = await Registry.start(embeddedPlace, {});
  });
  afterEach(async () => {
    for (const example of running) await example.stop('SIGKILL');
    running = [];
  });
  afterAll(async () => {
    await registry?.clear();
  });

  /** The ten lines, for this registry; a goodbye has the time that a busy machine takes. */
  function ofTenLines(): string {
    const text = readFileSync(join(ROOT, 'examples/ten-lines.mjs'), 'utf8');
    const registryOf = (url: string): string => `registry: { url: '${url}' },`;
    expect(text).toContain(registryOf('http://127.0.0.1:3000'));
    return text.replace(registryOf('http://127.0.0.1:3000'), `goodbyeWithinMs: 60_000,\n  ${registryOf(registry.url)}`);
  }

  function ran(example: Example): Example {
    running.push(example);
    return example;
  }

  async function isIn(nodeId: string, state: string): Promise<void> {
    await until(async () => (await registry.node(nodeId)).state === state, {
      what: `${nodeId} to be ${state} (${running.at(-1)?.tail()})`,
    });
  }

  it('ten lines join, and say goodbye at SIGTERM, by which the process ends as it would have without them', async () => {
    const text = readFileSync(join(ROOT, 'examples/ten-lines.mjs'), 'utf8');
    expect(tenLines?.text).toBe(text.trimEnd());
    expect(text.trimEnd().split('\n')).toHaveLength(10);
    const node = ran(Example.evaluate(ofTenLines()));
    await isIn('billing-7', 'active');
    expect(await registry.node('billing-7')).toMatchObject({
      nodeType: 'effect',
      capabilities: { invoices: true },
      endpoints: { api: 'http://10.0.0.7:8080' },
    });
    await registry.untilPassing('billing-7', ['billing-7']);
    expect(await node.stop('SIGTERM')).toBe('SIGTERM');
    await isIn('billing-7', 'deregistered');
  });

  it('leaves the end of the process to whoever listens to the signal, too', async () => {
    const host = `process.once('SIGTERM', () => membership.on('left', ({ told }) => process.exit(told ? 7 : 8)));`;
    const node = ran(Example.evaluate(`${ofTenLines()}\n${host}\nconsole.log('up');`));
    await node.says('up');
    expect(await node.stop('SIGTERM')).toBe(7);
    await isIn('billing-7', 'deregistered');
  });

  it('says goodbye before it ends, too, where it is waiting to be active', async () => {
    const unready = ofTenLines().replace(
      'registry:',
      `on: { accepted: () => console.log('accepted') },\n  ready: () => false,\n  registry:`,
    );
    const node = ran(Example.evaluate(unready));
    await node.says('accepted');
    expect(await node.stop('SIGTERM')).toBe('SIGTERM');
    await isIn('billing-7', 'deregistered');
  });

  it('a node over HTTP is ready, changes, outlives its registry, and leaves', async () => {
    const node = ran(Example.run('join-http.mjs', { ROLLCALL_URL: registry.url, NODE_ID: 'over-http' }));
    await node.says('over-http is active');
    await node.says('over-http has changed: capabilities');
    const { endpoints, capabilities } = await registry.node('over-http');
    expect(capabilities).toEqual({ greet: true, 'greet-politely': true });
    expect(await (await fetch(`${(endpoints as { api: string }).api}/`)).text()).toBe('hello\n');

    await registry.kill();
    await node.says('over-http goes on without the registry');
    await registry.start();
    await node.says('over-http has the registry again');
    await isIn('over-http', 'active');
    expect(await node.stop('SIGINT')).toBe('SIGINT');
    expect(node.said('over-http has said goodbye')).toBe(1);
    await isIn('over-http', 'deregistered');
  });

  it('a node stays out when an operator removes it, and is back when it is started again', async () => {
    const node = ran(Example.run('join-http.mjs', { ROLLCALL_URL: registry.url, NODE_ID: 'put-out' }));
    await node.says('put-out has changed');
    const answer = await fetch(`${registry.url}/v1/nodes/put-out`, {
      method: 'DELETE',
      headers: { prefer: 'wait=30' },
    });
    expect(answer.status).toBe(200);
    await node.says('put-out was removed');
    expect(await node.stop('SIGTERM')).toBe('SIGTERM');
    expect((await registry.node('put-out')).state).toBe('deregistered');
    // Started again it is another incarnation, which nobody has removed.
    const again = ran(Example.run('join-http.mjs', { ROLLCALL_URL: registry.url, NODE_ID: 'put-out' }));
    await again.says('put-out is active');
  });

  it('a Nest application joins when it listens, and leaves when it shuts down', async () => {
    const node = ran(Example.run('nest-application.mjs', { ROLLCALL_URL: registry.url, NODE_ID: 'nested' }));
    await node.says('nested is active');
    await isIn('nested', 'active');
    expect(await node.stop('SIGTERM')).toBe('SIGTERM');
    expect(node.said('nested has said goodbye')).toBe(1);
    await isIn('nested', 'deregistered');
  });
});
