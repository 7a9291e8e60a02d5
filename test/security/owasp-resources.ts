import { describe, expect, it } from '@jest/globals';
import { createHttpAdapter } from '../../src/api/index.js';
import { rawBytes } from './raw-request.js';
import { json, OWN_NODE, typeOf, type World } from './world.js';

/** API4:2023 Unrestricted resource consumption. What GraphQL could be asked for is in graphql-sheet.ts. */
export function resources(world: () => World): void {
  describe('API4 unrestricted resource consumption', () => {
    it.each([
      ['/v1/nodes?limit=1001'],
      ['/v1/nodes?limit=99999999999'],
      ['/v1/nodes?limit=-1'],
      ['/v1/dead-letters?limit=100000'],
      ['/v1/drift?limit=5000'],
      [`/v1/nodes?q=${'x'.repeat(256)}`],
    ])('a page that is too large: %s', async (path) => {
      expect((await world().as('reader', path)).status).toBe(400);
    });

    it('a page of the audit that is too large', async () => {
      expect((await world().as('admin', '/v1/audit?limit=1001')).status).toBe(400);
    });

    it('a body that is too large', async () => {
      const answer = await world().post('operator', '/v1/nodes', {
        nodeId: 'a',
        metadata: { text: 'x'.repeat(300_000) },
      });
      expect([answer.status, typeOf(answer)]).toEqual([413, '/problems/payload-too-large']);
    });

    it('a body that is too deep', async () => {
      let metadata: unknown = 1;
      for (let depth = 0; depth < 40; depth++) metadata = { inner: metadata };
      expect((await world().post('operator', '/v1/nodes', { nodeId: 'a', nodeType: 'effect', metadata })).status).toBe(
        400,
      );
    });

    it('a body so deep that who reads it could run out of stack', async () => {
      const body = `{"nodeId":"a","nodeType":"effect","metadata":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
      expect((await world().as('operator', '/v1/nodes', { ...json({}), body })).status).toBe(400);
    });

    it('headers that are too large', async () => {
      const answer = await rawBytes(
        world().url,
        `GET /v1/nodes HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    });

    it('a wait that is too long is cut, and costs nobody else anything', async () => {
      const answer = await world().as('operator', '/v1/nodes/nobody-waits', {
        method: 'DELETE',
        headers: { prefer: 'wait=999999999' },
      });
      expect(answer.status).toBe(404);
    });

    it('requests that are sent slowly are cut off, and hold up nobody', async () => {
      const { server } = createHttpAdapter().getInstance<{
        server: { requestTimeout: number; headersTimeout: number };
      }>();
      expect(server.requestTimeout).toBe(30_000);
      expect(server.headersTimeout).toBeLessThanOrEqual(60_000);
      const held = Array.from({ length: 50 }, () =>
        rawBytes(world().url, 'GET /v1/nodes HTTP/1.1\r\nHost: x\r\nX-Slow: ', 2000),
      );
      expect((await world().as('reader', '/v1/nodes?limit=1')).status).toBe(200);
      await Promise.all(held);
    });

    it('a caller that commands too often is told when to come back, others are not', async () => {
      const { commands } = world().limits;
      // They change nothing: there is no such node.
      const all = await Promise.all(
        Array.from({ length: 4 * commands + 10 }, () =>
          world().asHurried('/v1/nodes/no-such-node', { method: 'DELETE' }),
        ),
      );
      const refused = all.filter(({ status }) => status === 429);
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set([404, 429]));
      expect(refused.map(typeOf)).toContain('/problems/too-many-requests');
      const [{ headers } = all[0]!] = refused;
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(headers.get('ratelimit-limit')).toBe(String(commands));
      expect(headers.get('ratelimit-remaining')).toBe('0');
      expect((await world().as('admin', '/v1/nodes/no-such-node', { method: 'DELETE' })).status).toBe(404);
      expect((await world().asHurried('/v1/nodes?limit=1', {})).status).toBe(200);
    });

    it('a node that beats without a pause is slowed, another one with the same token is not', async () => {
      const beat = (nodeId: string) => world().as('otherNode', `/v1/nodes/${nodeId}/heartbeat`, json({}));
      const all = await Promise.all(Array.from({ length: 210 }, () => beat('another-busy')));
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set([202, 429]));
      expect((await beat('another-quiet')).status).toBe(202);
      expect((await world().as('node', `/v1/nodes/${OWN_NODE}/heartbeat`, json({}))).status).toBe(202);
    });
  });
}
