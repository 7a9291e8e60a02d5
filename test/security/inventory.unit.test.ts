import { readFileSync } from 'node:fs';
import helmet from '@fastify/helmet';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { SECURITY_HEADERS } from '../../src/api/http/security-headers.js';
import { DatabaseNotReady, type Database } from '../../src/runtime/index.js';
import { startApi, type Route, type TestApi } from '../api/test-app.js';
import { page } from '../docs/pages.js';
import { operationsOf } from './operations.js';

const ABSENT: Pick<Database, 'pool'> = {
  get pool(): Database['pool'] {
    throw new DatabaseNotReady('there is no database');
  },
};

const document: unknown = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));

/** What is served and is no operation of the REST API. API9:2023: nothing else is. */
const OTHERS = [
  /^GET \/$/,
  /^GET \/problems(\/:type)?$/,
  /^GET \/docs(\/.*)?$/,
  /^GET \/console(\/.*)?$/,
  /^GET \/(openapi|asyncapi)\.json$/,
  /^(GET|POST) \/graphql$/,
  /^GET \/metrics$/,
  /^GET \/consul\/v1\/(catalog\/(services|nodes|service\/\*)|health\/service\/\*|status\/leader)$/,
];

function namesOf({ method, url }: Route): readonly string[] {
  // Wherever there is a GET there is a HEAD, too.
  return [method]
    .flat()
    .filter((one) => one !== 'HEAD')
    .map((one) => `${one} ${url}`);
}

let api: TestApi;
beforeAll(async () => {
  api = await startApi(ABSENT, { catalog: true });
});
afterAll(() => api.close());

const served = (): readonly Route[] => api.routes.filter(({ method }) => method !== 'HEAD');

describe('API9 improper inventory management', () => {
  it('every route that is served is described, or known to be no operation', () => {
    const operations = operationsOf(document).map(({ name }) => name);
    const names = served().flatMap(namesOf);
    const described = names.map((name) => name.replace(/:(\w+)/g, '{$1}'));
    const unknown = described.filter(
      (name) => !operations.includes(name) && !OTHERS.some((other) => other.test(name.replace(/\{(\w+)\}/g, ':$1'))),
    );
    expect(unknown).toEqual([]);
    expect(operations.filter((name) => !described.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(40);
  });

  it('every route says who may use it', () => {
    expect(
      served()
        .filter(({ config }) => config?.access === undefined)
        .map(namesOf),
    ).toEqual([]);
  });

  it('whatever changes something takes an operator, and is audited; but for what nodes say, and queries', () => {
    const changing = served().filter(
      (route) => route.url !== '/graphql' && namesOf(route).some((name) => !name.startsWith('GET ')),
    );
    for (const route of changing) {
      const access = route.config?.access;
      expect([namesOf(route), ['operator', 'admin'].includes(access?.least ?? '')]).toEqual([namesOf(route), true]);
      expect([namesOf(route), access?.audit !== undefined || access?.node === 'own']).toEqual([namesOf(route), true]);
    }
    expect(changing.length).toBeGreaterThan(10);
  });

  it('what is said of the roles in docs/security.md is so', () => {
    const said = [...page('docs/security.md').matchAll(/^\| `((?:GET|POST|DELETE) [^`]+)` +\| ([\w, -]+?) +\|/gm)].map(
      ([, name, roles]) => [name, roles],
    );
    const are = operationsOf(document).map(({ name, roles }) => [name, wordsOf(roles)]);
    expect(said.sort()).toEqual(are.sort());
  });
});

function wordsOf(roles: readonly string[] | null): string {
  if (roles === null) return 'everybody';
  return roles.length === 0 ? 'every caller' : roles.join(', ');
}

it('our headers are those of helmet, and some are stricter', async () => {
  const server = fastify();
  await server.register(helmet);
  server.get('/', () => 'x');
  const { headers } = await fetch(await server.listen({ host: '127.0.0.1', port: 0 }));
  await server.close();
  const ours = new Map(SECURITY_HEADERS);
  const stricter = ['content-security-policy', 'strict-transport-security', 'x-frame-options'];
  const ofHelmet = [...headers].filter(
    ([name]) => !['content-type', 'content-length', 'date', 'connection', 'keep-alive'].includes(name),
  );
  expect(ofHelmet.length).toBeGreaterThan(10);
  for (const [name, value] of ofHelmet) {
    if (!stricter.includes(name)) expect([name, ours.get(name)]).toEqual([name, value]);
    else if (name !== 'content-security-policy') expect(ours.has(name)).toBe(true);
  }
  // Ours leaves out `upgrade-insecure-requests`, which a registry on loopback has no certificate for, and fonts and styles from elsewhere.
  const directives = (headers.get('content-security-policy') ?? '').split(';').map((one) => one.split(' ')[0]);
  const policy = (await api.request('/v1/whoami')).headers.get('content-security-policy') ?? '';
  const names = policy.split('; ').map((one) => one.split(' ')[0]);
  expect(directives.filter((name) => !names.includes(name))).toEqual(['upgrade-insecure-requests']);
});
