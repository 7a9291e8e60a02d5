import { describe, expect, it } from '@jest/globals';
import { SECURITY_HEADERS } from '../../src/api/http/security-headers.js';
import { until } from '../support/stack.js';
import { rawBytes, rawRequest } from './raw-request.js';
import { json, typeOf, type World } from './world.js';

/** API8:2023 Security misconfiguration, and API9:2023 Improper inventory management (the routes themselves: inventory.unit.test.ts). */
export function misconfiguration(world: () => World): void {
  const PATHS = [
    '/',
    '/docs',
    '/openapi.json',
    '/v1/nodes',
    '/nowhere',
    '/health/live',
    '/metrics',
    '/graphql',
    '/v1/nodes/%E0%A4%A',
  ];

  describe('API8 security misconfiguration', () => {
    it.each(PATHS)('%s has every security header', async (path) => {
      const { headers } = await world().as('reader', path);
      for (const [name, value] of SECURITY_HEADERS) expect([name, headers.get(name)]).toEqual([name, value]);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toContain('unsafe-eval');
      for (const told of ['x-powered-by', 'server']) expect(headers.get(told)).toBeNull();
    });

    it('streams have them, too', async () => {
      const { headers, status } = await world().as('reader', '/v1/nodes/fleet-00/events');
      expect([status, headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
      expect(headers.get('content-type')).toContain('text/event-stream');
    });

    it('scripts come from ourselves only', async () => {
      for (const path of ['/', '/docs', '/console']) {
        const policy = (await world().as(null, path)).headers.get('content-security-policy') ?? '';
        expect(policy).toContain("script-src 'self';");
      }
    });

    it('what is of the fleet is kept by nobody on the way', async () => {
      for (const path of ['/v1/nodes', '/v1/whoami', '/metrics']) {
        expect((await world().as('reader', path)).headers.get('cache-control')).toContain('no-store');
      }
    });

    it('no other site is let in', async () => {
      const headers = { origin: 'https://evil.example' };
      const read = await rawRequest(`${world().url}/v1/nodes`, { headers });
      const preflight = await rawRequest(`${world().url}/v1/nodes`, {
        method: 'OPTIONS',
        headers: {
          ...headers,
          'access-control-request-method': 'DELETE',
          'access-control-request-headers': 'authorization',
        },
      });
      for (const answer of [read, preflight]) {
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }
    });

    it.each(['TRACE', 'PUT', 'PATCH', 'CONNECT', 'PROPFIND', 'OPTIONS'])('%s is not served', async (method) => {
      const answer = await rawBytes(
        world().url,
        `${method} /v1/nodes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world().token('admin')}\r\nX-Echo: echo-me\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^(HTTP\/1\.1 40[0-5] |$)/);
      expect(answer).not.toContain('echo-me');
    });

    it.each([
      ['a body that is no JSON', '/v1/nodes', { ...json({}), body: '{' }, 400],
      [
        'another content type',
        '/v1/nodes',
        { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' },
        415,
      ],
      ['what is not there', '/v1/secrets', {}, 404],
      ['a broken URL', '/v1/nodes/%E0%A4%A', {}, 400],
      ['GraphQL that is none', '/graphql', json({ query: '{' }), 400],
    ])('%s is answered without a word of how it is made', async (_what, path, init, status) => {
      const answer = await world().as('operator', path, init);
      expect(answer.status).toBe(status);
      expect(answer.text).not.toMatch(/node_modules|\bat \w+ \(|\.js:\d|\.ts:\d|select |stack/i);
    });

    it('readiness is told to everybody, and what it rests on to nobody', async () => {
      const { body } = await until(
        async () => {
          const answer = await world().as(null, '/health/ready');
          return answer.status === 200 && !answer.text.includes('degraded') && answer;
        },
        { what: 'readiness' },
      );
      const components = Object.values(body?.['components'] as Record<string, { details: object; message: string }>);
      expect(components.length).toBeGreaterThan(0);
      for (const { details, message } of components) expect([details, message]).toEqual([{}, 'healthy']);
    });

    it('a web page cannot have a browser send commands, even with a token', async () => {
      const authorization = `Bearer ${world().token('operator')}`;
      const send = (headers: Record<string, string>) =>
        rawRequest(`${world().url}/v1/nodes`, { method: 'POST', headers: { authorization, ...headers }, body: '{}' });
      for (const headers of [
        { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
        { 'sec-fetch-site': 'same-site', 'content-type': 'application/json' },
        { origin: 'https://evil.example', 'content-type': 'application/json' },
        { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' },
      ]) {
        const { status, text } = await send(headers);
        expect([status, (JSON.parse(text) as { type: string }).type]).toEqual([403, '/problems/cross-site']);
      }
      const own = { origin: world().url, 'content-type': 'application/json' };
      expect((await send(own)).status).toBe(400);
    });

    it('credentials that are refused over and over are refused sooner', async () => {
      const { failures } = world().limits;
      let last = 401;
      // Twice as many: the minute in which they are counted may end amid them.
      for (let sent = 0; sent <= 2 * failures && last === 401; sent += 25) {
        const all = await Promise.all(
          Array.from({ length: 25 }, (_, n) => world().withToken(`guess-${sent + n}`, '/v1/whoami')),
        );
        last = Math.max(...all.map(({ status }) => status));
        const refused = all.find(({ status }) => status === 429);
        if (refused !== undefined) expect(typeOf(refused)).toBe('/problems/too-many-requests');
      }
      expect(last).toBe(429);
      // Who is known is not locked out by who is not.
      expect((await world().as('reader', '/v1/whoami')).status).toBe(200);
    });
  });
}
