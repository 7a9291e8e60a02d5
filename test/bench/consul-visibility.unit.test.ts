import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ConsulVisibility } from '../../src/bench/load/visibility/consul-visibility.js';

const SERVICE = 'onex-effect';

let consul: Server;
let address: string;
/** What is answered for a node, one time after the other; the last one stays. */
let answers: Map<string, readonly string[]>;
const asked: string[] = [];

beforeEach(async () => {
  asked.length = 0;
  consul = createServer((request, response) => {
    const url = new URL(request.url ?? '', address);
    const nodeId = /"onex-effect-(.*)"/.exec(url.searchParams.get('filter') ?? '')?.[1] ?? '';
    asked.push(nodeId);
    const [status = 'none', ...later] = answers.get(nodeId) ?? [];
    if (later.length > 0) answers.set(nodeId, later);
    if (status === 'broken') response.statusCode = 500;
    response.end(JSON.stringify(status === 'none' ? [] : [{ Status: status }]));
  });
  await new Promise<void>((resolve) => consul.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(consul.address() as AddressInfo).port}`;
});
afterEach(() => {
  consul.closeAllConnections();
  consul.close();
});

it('asks for a node until its check passes, also when nobody else is waited for', async () => {
  answers = new Map([['a', ['none', 'critical', 'critical', 'passing']]]);
  const seen = await new Promise<string>((resolve) => {
    const visibility = new ConsulVisibility(address, 'registry', SERVICE, (nodeId) => {
      void visibility.close().then(() => resolve(nodeId));
    });
    visibility.watch('a');
  });
  expect(seen).toBe('a');
  expect(asked).toEqual(['a', 'a', 'a', 'a']);
});

it('lets those that are waited for take turns', async () => {
  answers = new Map([
    ['never', ['critical']],
    ['late', ['critical', 'critical', 'passing']],
  ]);
  await new Promise<void>((resolve) => {
    const visibility = new ConsulVisibility(address, 'registry', SERVICE, () => void visibility.close().then(resolve));
    visibility.watch('never');
    visibility.watch('late');
  });
  expect(asked.filter((nodeId) => nodeId === 'late')).toHaveLength(3);
  // Its turn may fall behind by one, where an answer takes longer than the other's.
  expect(asked.filter((nodeId) => nodeId === 'never').length).toBeGreaterThanOrEqual(2);
});

it('says so at the end when Consul has failed', async () => {
  answers = new Map([
    ['a', ['broken']],
    ['b', ['passing']],
  ]);
  let visibility: ConsulVisibility | undefined;
  await new Promise<void>((resolve) => {
    visibility = new ConsulVisibility(address, 'registry', SERVICE, () => resolve());
    visibility.watch('a');
    visibility.watch('b');
  });
  await expect(visibility?.close()).rejects.toThrow(/answers 500/);
});
