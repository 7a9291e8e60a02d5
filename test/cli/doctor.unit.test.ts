import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { EXIT } from '../../src/cli/exit.js';
import { packageVersion } from '../../src/cli/package-version.js';
import { readConsulFacts } from '../../src/registry-effect/index.js';
import { answering, fakeRegistry, problem, type Asked, type Reply } from './fake-registry.js';
import { run } from './fake-terminal.js';

const NOBODY = 'http://127.0.0.1:1';
const folder = mkdtempSync(join(tmpdir(), 'rollcall-doctor-'));
const env = { DATA_DIR: join(folder, 'data') };

async function findings(given: Readonly<Record<string, string>>, url = NOBODY): Promise<readonly Finding[]> {
  const { out } = await run(['doctor', '--json', '--url', url], { env: { ...env, ...given } });
  return (JSON.parse(out) as { findings: readonly Finding[] }).findings;
}

describe('the report', () => {
  it('has a line for each check, and for what is wrong why and what to do', async () => {
    const file = join(folder, 'no-folder');
    writeFileSync(file, '');
    const given = { env: { DATA_DIR: file, TOPIC_PREFX: 'x' } };
    const { code, out, err } = await run(['doctor', '--url', NOBODY], given);
    expect({ code, err }).toEqual({ code: EXIT.refused, err: '' });
    expect(out).toMatch(/^ok {4}node.version +Node \d+/m);
    expect(out).toMatch(/^warn {2}configuration.misspelt +TOPIC_PREFX is set.*\n {8}why: {2}\w.*\n {8}mend: \w/m);
    expect(out).toMatch(/^FAIL {2}files.DATA_DIR +.*\n {8}why: {2}\w.*\n {8}mend: \w/m);
    expect(out).toMatch(/^- {5}kafka +KAFKA_BROKERS is not set/m);
    expect(out).toMatch(/\n\n1 fail, 1 warn, \d+ ok, \d+ not looked at\n$/);
  });

  it('finds an API that is open to everybody', async () => {
    const found = await findings({ HOST: '0.0.0.0' });
    expect(found.filter(({ status, what }) => status === 'fail' && what.startsWith('HOST='))).toHaveLength(1);
  });

  it('is one document for programs, and says what it comes to', async () => {
    const healthy = await run(['doctor', '--json', '--url', NOBODY], { env });
    expect(healthy.code).toBe(EXIT.ok);
    expect(JSON.parse(healthy.out)).toMatchObject({ status: 'ok', counts: { fail: 0, warn: 0 } });
    const warned = { env: { ...env, TOPIC_PREFX: 'x' } };
    expect((await run(['doctor', '--url', NOBODY], warned)).code).toBe(EXIT.ok);
    expect((await run(['doctor', '--strict', '--url', NOBODY], warned)).code).toBe(EXIT.refused);
  });

  it('looks at what can be looked at when the configuration is wrong', async () => {
    const found = await findings({ PORT: 'x', ACK_TIMEOUT_MS: '-1' });
    expect(found.filter(({ status }) => status === 'fail').map(({ what }) => what.split('=')[0])).toEqual([
      'ACK_TIMEOUT_MS',
      'PORT',
    ]);
    expect(found.map(({ check }) => check)).toEqual(expect.arrayContaining(['node.version', 'registry.health']));
  });
});

describe('files', () => {
  it('a secret that everybody can read, or nobody', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'secret', { mode: 0o600 });
    const check = async (name: string, path: string) =>
      (await findings({ [name]: path })).find((one) => one.check === `files.${name}`);
    expect(await check('OTHER_PASSWORD_FILE', file)).toMatchObject({ status: 'ok' });
    chmodSync(file, 0o644);
    expect(await check('OTHER_PASSWORD_FILE', join(folder, 'none'))).toMatchObject({
      status: 'fail',
      what: expect.stringContaining('ENOENT'),
    });
    expect(await check('OTHER_PASSWORD_FILE', file)).toMatchObject({
      status: 'warn',
      what: expect.stringContaining('every user'),
      mend: expect.stringContaining(`chmod o-rwx ${file}`),
    });
  });

  it('a data folder that is none, or that everybody can write into', async () => {
    const check = async (path: string) =>
      (await findings({ DATA_DIR: path })).find((one) => one.check === 'files.DATA_DIR');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await check(file)).toMatchObject({ status: 'fail', mend: expect.stringContaining('DATA_DIR') });
    expect(await check(join(file, 'below'))).toMatchObject({ status: 'fail' });
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    expect(await check(open)).toMatchObject({ status: 'fail', mend: `chmod 700 ${open}` });
    chmodSync(open, 0o700);
    expect(await check(open)).toMatchObject({ status: 'ok' });
    expect(await check(join(open, 'not/yet'))).toMatchObject({
      status: 'ok',
      what: expect.stringContaining('can be made'),
    });
  });
});

describe('the registry at the URL', () => {
  const healthy = { status: 'healthy', components: {} };
  const openapi = { info: { version: packageVersion() } };
  const checks = async (...replies: readonly Reply[]) => {
    const { url } = await answering(...replies);
    return (await findings({}, url)).filter(({ check }) => check.startsWith('registry.'));
  };

  it('is well', async () => {
    expect((await checks({ body: healthy }, { body: openapi })).map(({ status }) => status)).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  });

  it('cannot work, and says so with a 503', async () => {
    const ill = { status: 'unhealthy', components: { kafka: { status: 'unhealthy', message: 'away', details: {} } } };
    const found = await checks({ status: 503, body: ill }, { body: openapi });
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          check: 'registry.health',
          status: 'fail',
          what: expect.stringContaining('kafka: away'),
        }),
      ]),
    );
  });

  it('wants a token', async () => {
    expect(await checks(problem(401, 'unauthenticated'))).toMatchObject([{ check: 'registry.token', status: 'fail' }]);
  });

  it.each<[string, Reply]>([
    ['another program', { body: 'hello', type: 'text/html' }],
    ['a proxy with nobody behind', { status: 502, body: 'x', type: 'text/html' }],
  ])('is none, but %s', async (_name, reply) => {
    expect(await checks(reply)).toMatchObject([{ check: 'registry.health', status: 'skipped' }]);
  });
});

describe('Consul', () => {
  const LEADER: Reply = { body: '"10.0.0.1:8300"' };
  const options = { token: 't', registryId: 'rollcall', timeoutMs: 60_000 };

  async function consul(authorize: Reply, leader: Reply = LEADER) {
    const registry = await fakeRegistry(({ url }: Asked) => (url === '/v1/status/leader' ? leader : authorize));
    return { address: registry.url, asked: registry.asked };
  }

  it('is asked what the token may, as its own page asks', async () => {
    const allowed = [true, true, false, true, true].map((Allow) => ({ Allow }));
    const { address, asked } = await consul({ body: allowed });
    const facts = await readConsulFacts({ address, ...options });
    expect(facts).toMatchObject({ leader: '10.0.0.1:8300', acl: 'on' });
    expect(facts.rights.filter(({ isAllowed }) => !isAllowed)).toEqual([
      { resource: 'service', name: 'onex-compute', access: 'write', isAllowed: false },
    ]);
    expect(asked[1]).toMatchObject({
      method: 'POST',
      url: '/v1/internal/acl/authorize',
      headers: { 'x-consul-token': 't' },
      body: expect.arrayContaining([
        { Resource: 'node', Access: 'write', Segment: 'rollcall-00' },
        { Resource: 'service', Access: 'write', Segment: 'onex-effect' },
      ]),
    });
    const env = { CONSUL_HTTP_ADDR: address, CONSUL_HTTP_TOKEN: 't' };
    expect((await findings(env)).find(({ check }) => check === 'consul.acl')).toMatchObject({
      status: 'fail',
      what: 'the token may not: service:write on onex-compute',
    });
  });

  it.each<[string, Reply, string]>([
    ['off', { status: 401, body: 'ACL support disabled', type: 'text/plain' }, 'off'],
    ['unknown_token', { status: 403, body: 'ACL not found', type: 'text/plain' }, 'unknown_token'],
    ['untold', { status: 404, body: '', type: 'text/plain' }, 'untold'],
    ['untold', { body: 'rubbish' }, 'untold'],
    ['untold', { body: [] }, 'untold'],
  ])('with ACLs %s: %j', async (_name, authorize, acl) => {
    const { address } = await consul(authorize);
    expect(await readConsulFacts({ address, ...options })).toMatchObject({ acl, rights: [] });
  });

  it('has a clock of its own', async () => {
    // Far more than this process may stand still between its question and the answer.
    const behindMs = 7_200_000;
    const date = new Date(Date.now() - behindMs).toUTCString();
    const { address } = await consul({ status: 401, body: 'ACL support disabled' }, { ...LEADER, headers: { date } });
    const { clockMs } = await readConsulFacts({ address, ...options });
    expect(Math.abs((clockMs ?? 0) + behindMs)).toBeLessThan(60_000);
    expect((await findings({ CONSUL_HTTP_ADDR: address })).find(({ check }) => check === 'clocks')).toMatchObject({
      status: 'fail',
      what: expect.stringMatching(/the clock of Consul is 7[12]\d\d s behind/),
    });
  });

  it.each<[string, Reply, string]>([
    ['another program', { body: '<html>', type: 'text/html' }, 'is no Consul'],
    ['a Consul that refuses', { status: 403, body: 'Permission denied', type: 'text/plain' }, 'Consul answered 403'],
  ])('is none, but %s', async (_name, leader, says) => {
    const { address } = await consul({ body: [] }, leader);
    expect((await findings({ CONSUL_HTTP_ADDR: address })).find(({ check }) => check === 'consul')).toMatchObject({
      status: 'fail',
      what: expect.stringContaining(says),
    });
  });
});
