import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { until } from '../support/stack.js';
import { json, typeOf, type World } from './world.js';

/** API6:2023 Unrestricted access to sensitive business flows, and API7:2023 Server side request forgery. */
export function flows(world: () => World): void {
  describe('API6 unrestricted access to sensitive business flows', () => {
    it('nobody but an operator empties the fleet', async () => {
      for (const caller of [null, 'reader', 'node', 'otherNode'] as const) {
        const answer = await world().as(caller, '/v1/nodes/fleet-00', { method: 'DELETE' });
        expect([401, 403]).toContain(answer.status);
      }
    });

    it('a command that is sent again is one command', async () => {
      const send = (body: object) =>
        world().as('operator', '/v1/nodes', {
          ...json(body),
          headers: { 'content-type': 'application/json', 'idempotency-key': 'flow-1', prefer: 'wait=30' },
        });
      const first = await send({ nodeId: 'flow-1', nodeType: 'effect' });
      const again = await send({ nodeId: 'flow-1', nodeType: 'effect' });
      expect([first.status, again.body?.['operationId']]).toEqual([201, first.body?.['operationId']]);
      const other = await send({ nodeId: 'flow-2', nodeType: 'effect' });
      expect([other.status, typeOf(other)]).toEqual([422, '/problems/idempotency-key-reused']);
    });

    it('every command has its entry in the audit, with its caller and what it came to', async () => {
      const { body } = await world().as('admin', '/v1/audit?action=node.register&target=flow-1');
      const items = body?.['items'] as readonly Readonly<Record<string, unknown>>[];
      expect(items).toHaveLength(2);
      expect(items[1]).toMatchObject({
        action: 'node.register',
        caller: { name: 'the-operator', role: 'operator', source: 'token' },
        ip: '127.0.0.1',
        method: 'POST',
        route: '/v1/nodes',
        target: 'flow-1',
        details: '{"nodeId":"flow-1","nodeType":"effect"}',
        outcome: 'done',
        status: 201,
        problem: null,
        count: 1,
      });
      const operation = await world().as('reader', `/v1/operations/${String(items[1]?.['resultId'])}`);
      expect(operation.body).toMatchObject({ kind: 'register', nodeId: 'flow-1', status: 'succeeded' });
    });

    it('and so have those that were refused, as a summary', async () => {
      const { body } = await world().as('admin', '/v1/audit?outcome=refused&action=node.deregister&limit=1000');
      const items = body?.['items'] as readonly Readonly<Record<string, unknown>>[];
      const by = (problem: string, name: string | undefined) =>
        items.filter(
          (item) => item['problem'] === problem && (item['caller'] as { name?: string } | null)?.name === name,
        );
      expect(by('forbidden', 'the-reader').length).toBeGreaterThan(0);
      expect(by('unauthenticated', undefined).length).toBeGreaterThan(0);
      expect(items.every(({ outcome }) => outcome === 'refused')).toBe(true);
    });

    it('a caller who pages through the audit sees each entry once, and can name none that is not there', async () => {
      const ids: string[] = [];
      let cursor = '';
      type Page = { readonly items: readonly { readonly id: string }[]; readonly nextCursor: string | null };
      do {
        const { body } = await world().as('admin', `/v1/audit?action=node.register&limit=1${cursor}`);
        const { items, nextCursor } = body as Page;
        ids.push(...items.map(({ id }) => id));
        cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
      } while (cursor !== '' && ids.length < 50);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual([...ids].sort().reverse());
      for (const forged of ['abc', btoa('u:1'), btoa("u:' or 1=1 --"), btoa('n:fleet-00')]) {
        expect((await world().as('admin', `/v1/audit?cursor=${forged}`)).status).toBe(400);
      }
    });
  });

  describe('API7 server side request forgery', () => {
    it('what a node says of itself is written down, and never asked for', async () => {
      let asked = 0;
      const trap = createServer((_request, response) => {
        asked += 1;
        response.end();
      });
      await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
      try {
        const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
        const body = {
          nodeId: 'ssrf-1',
          nodeType: 'effect',
          endpoints: { api: `${url}/api`, health: `${url}/health` },
          healthEndpoint: `${url}/probe`,
          metadata: { webhook: `${url}/hook` },
        };
        const answer = await world().as('operator', '/v1/nodes', {
          ...json(body),
          headers: { 'content-type': 'application/json', prefer: 'wait=30' },
        });
        expect(answer.status).toBe(201);
        const listed = async () => (await world().as('reader', '/consul/v1/health/service/onex-effect?passing')).text;
        await until(async () => (await listed()).includes('ssrf-1'), { what: 'the node in the catalog' });
        for (const path of ['/v1/nodes/ssrf-1', '/v1/nodes/ssrf-1/explain', '/health'])
          await world().as('reader', path);
        expect(asked).toBe(0);
      } finally {
        await new Promise((resolve) => trap.close(resolve));
      }
    });

    it.each(['file:///etc/passwd', 'gopher://127.0.0.1:1/', 'javascript:alert(1)', 'not a url'])(
      'an endpoint that is no endpoint: %s',
      async (api) => {
        const answer = await world().post('operator', '/v1/nodes', {
          nodeId: 'ssrf-2',
          nodeType: 'effect',
          endpoints: { api },
        });
        // Whatever is a URL may be written down, and is asked by nobody here.
        if (answer.status !== 400) expect(URL.canParse(api)).toBe(true);
      },
    );
  });
}
