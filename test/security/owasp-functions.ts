import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { until } from '../support/stack.js';
import { operationsOf, type Operation } from './operations.js';
import { CALLERS, OWN_NODE, typeOf, type CallerName, type World } from './world.js';

const document: unknown = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));

/** In the order of what they may. */
const RANKS = ['reader', 'operator', 'admin'];

/** Whether a caller may use an operation, by what OpenAPI says of it. */
function may(caller: CallerName, { roles }: Operation): boolean {
  if (roles === null || roles.length === 0) return true;
  if (caller === 'node') return roles.includes('node');
  // Its token is for other nodes than the one that is asked for.
  if (caller === 'otherNode') return false;
  return roles.some((role) => role !== 'node' && RANKS.indexOf(caller) >= RANKS.indexOf(role));
}

/** API5:2023 Broken function level authorization: every operation, by every caller. */
export function functions(world: () => World): void {
  const operations = operationsOf(document);

  describe('API5 broken function level authorization', () => {
    it('knows the operations', () => {
      expect(operations.length).toBeGreaterThan(25);
    });

    it.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (_name, operation) => {
      const { method, path, roles } = operation;
      const url = path.replace('{nodeId}', OWN_NODE).replace('{id}', '7d0f6c4e-5a53-4d5a-9d55-6c8f0d7f3b10');
      // A body that nobody takes: who may is not refused for who it is, and changes nothing.
      const init = method === 'GET' ? {} : { method, headers: { 'content-type': 'text/plain' }, body: 'x' };
      const stranger = await world().as(null, url, init);
      if (roles === null) expect([401, 403]).not.toContain(stranger.status);
      else expect([stranger.status, typeOf(stranger)]).toEqual([401, '/problems/unauthenticated']);
      for (const caller of CALLERS) {
        const answer = await world().as(caller, url, init);
        if (may(caller, operation)) expect([caller, [401, 403].includes(answer.status)]).toEqual([caller, false]);
        else {
          expect([caller, answer.status, typeOf(answer)]).toEqual([caller, 403, '/problems/forbidden']);
          expect(answer.body?.['detail']).toMatch(/takes the role (reader|operator|admin)/);
        }
      }
    });

    it.each(['/metrics', '/consul/v1/catalog/services', '/health'])('%s is for readers', async (path) => {
      const asked = () =>
        Promise.all([null, ...CALLERS].map(async (caller) => (await world().as(caller, path)).status));
      // A probe that the machine held up for seconds makes /health say 503 until the next one.
      const statuses = await until(
        async () => {
          const all = await asked();
          return !all.includes(503) && all;
        },
        { what: `${path} without 503` },
      );
      expect(statuses).toEqual([401, 200, 200, 200, 403, 403]);
    });

    it('HEAD is no way around', async () => {
      for (const path of ['/v1/nodes', '/v1/audit', '/metrics']) {
        expect((await world().as(null, path, { method: 'HEAD' })).status).toBe(401);
      }
      expect((await world().as('reader', '/v1/audit', { method: 'HEAD' })).status).toBe(403);
    });

    it.each([
      ['a slash more', '/v1/audit/', 404],
      ['two slashes', '//v1/audit', 404],
      ['capitals', '/V1/AUDIT', 404],
      ['percent-encoding', '/v1/%61udit', 401],
      ['a matrix parameter', '/v1/audit;x=1', 404],
      ['a path that goes up', '/docs/../v1/audit', 401],
    ])('nor is %s', async (_what, path, status) => {
      expect((await world().as(null, path)).status).toBe(status);
    });

    it.each(['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method'])('nor is %s', async (name) => {
      const answer = await world().as('reader', '/v1/nodes/fleet-01', { headers: { [name]: 'DELETE' } });
      expect([200, 404]).toContain(answer.status);
    });

    it.each(['X-Original-URL', 'X-Rewrite-URL'])('nor is %s', async (name) => {
      const answer = await world().as('reader', '/v1/whoami', { headers: { [name]: '/v1/audit' } });
      expect(answer.body).toMatchObject({ name: 'the-reader' });
    });

    it.each(['X-User', 'X-Role', 'X-Forwarded-User', 'X-Consul-Token'])(
      'nor is %s where it means nothing',
      async (name) => {
        const answer = await world().as(null, '/v1/nodes', { headers: { [name]: world().token('admin') } });
        expect(answer.status).toBe(401);
      },
    );

    it("Consul's clients show their token in their own way", async () => {
      const path = '/consul/v1/catalog/services';
      const asked = (token: string) => world().as(null, path, { headers: { 'x-consul-token': token } });
      expect([(await asked(world().token('reader'))).status, (await asked('x')).status]).toEqual([200, 401]);
    });
  });
}
