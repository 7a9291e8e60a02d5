import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bucketOf } from '../../src/registry-effect/drift/buckets.js';
import { syntheticNode } from '../../src/registry-effect/consul/service-names.js';
import { checkPrivileges, statePrivileges, type Health } from '../../src/runtime/index.js';
import { clientOf } from '../../src/runtime/journal/connection-of.js';
import { aclLines, ops, type AclLine } from '../ops/files.js';
import { Authority } from '../support/certificates.js';
import { describeStack, until } from '../support/stack.js';
import { build, fleet, Rollcall, type Environment } from './rollcall.js';
import { Administrator } from './secured/administrator.js';
import { SecuredStack } from './secured/secured-stack.js';

const WORKERS = ['orchestrator', 'reducer', 'consul', 'postgres', 'heartbeats'];

/**
 * Servers that trust nobody, and a registry with exactly the privileges that the files in ops/ list: it works with them, and says what
 * it lacks without one of them. Its api and its workers are two processes and two users, so that each has its own lines of the lists.
 */
describeStack('with the least privileges', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let stack: SecuredStack;
  let admin: Administrator;
  /** Copies of the stack's secrets, to be changed. */
  let secrets: string;
  let workersEnvironment: Environment;
  let apiEnvironment: Environment;
  let nodes: Environment;
  let workers: Rollcall;
  let api: Rollcall;

  const secretFile = (name: string): string => join(secrets, name);
  const owner = (): Environment => ({
    ...workersEnvironment,
    DATABASE_URL_FILE: stack.secret('OWNER_URL_FILE'),
    MIGRATE: 'only',
  });

  beforeAll(async () => {
    [stack] = await Promise.all([SecuredStack.up(), build()]);
    admin = await Administrator.of(stack);
    secrets = await mkdtemp(join(tmpdir(), 'rollcall-secrets-'));
    await copyFile(stack.secret('DATABASE_URL_FILE'), secretFile('url'));
    await copyFile(stack.secret('CONSUL_HTTP_TOKEN_FILE'), secretFile('token'));
    const both = {
      ...stack.environment,
      DATABASE_URL_FILE: secretFile('url'),
      CONSUL_HTTP_TOKEN_FILE: secretFile('token'),
      MIGRATE: 'check',
      BREAKER_RESET_MS: '500',
      RETRY_ATTEMPTS: '1',
    };
    workersEnvironment = { ...both, ROLES: WORKERS.join(',') };
    const login = (mechanism: string, user: string) => ({
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD_FILE: stack.secret(`KAFKA_${user.toUpperCase()}_PASSWORD_FILE`),
    });
    apiEnvironment = { ...both, ROLES: 'api', ...login('scram-sha-256', 'api') };
    nodes = { ...stack.environment, ...login('plain', 'node') };
  });

  afterAll(async () => {
    await Promise.all([workers?.stop(), api?.stop()]);
    await admin?.close();
    await stack?.wipe();
    await rm(secrets, { recursive: true, force: true });
  });

  const component = async (rollcall: Rollcall, name: string) => {
    const { body } = await rollcall.get('/health');
    const found = (body as Health).components[name];
    if (found === undefined) throw new Error(`/health knows no ${name}`);
    return found;
  };
  const says = (rollcall: Rollcall, name: string, expected: RegExp) =>
    until(
      async () => {
        const { message } = await component(rollcall, name);
        if (!expected.test(message)) throw new Error(message);
        return message;
      },
      { what: `${name} to say ${String(expected)}` },
    );
  const isWell = (rollcall: Rollcall) =>
    until(
      async () => {
        const { body } = await rollcall.get('/health');
        if ((body as Health).status !== 'healthy') throw new Error(JSON.stringify(body));
        return true;
      },
      { what: 'health' },
    );
  /** By the api: no node has to be there. */
  const register = async (nodeId: string): Promise<string> => {
    const response = await fetch(`${api.url}/v1/nodes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nodeId, nodeType: 'effect', nodeVersion: '1.0.0' }),
    });
    return `${response.status} ${await response.text()}`;
  };
  const stateOf = async (nodeId: string): Promise<unknown> => {
    const { body } = await api.get(`/v1/nodes/${nodeId}`);
    return (body as { state?: unknown }).state;
  };
  const isActive = (nodeId: string) =>
    until(async () => (await stateOf(nodeId)) === 'active', { what: `${nodeId} to be active` });

  describe('at the start', () => {
    it('does not begin while tables are missing that it may not make', async () => {
      await admin.makeTopics();
      const rollcall = await Rollcall.spawn(workersEnvironment);
      const { code, stderr } = await rollcall.exited();
      expect(code).toBe(1);
      expect(stderr).toMatch(/no table rollcall_state_migrations .* run this release once with MIGRATE=only/);
    });

    it('has its tables made by their owner, and its grants by the file or by MIGRATE_GRANT_TO alike', async () => {
      const granting = await Rollcall.spawn({ ...owner(), MIGRATE_GRANT_TO: 'rollcall_app' });
      expect(await granting.exited()).toEqual({ code: 0, stderr: '' });
      const bySetting = await admin.granted('rollcall_app');
      await admin.sql('revoke all on all tables in schema public from rollcall_app');
      const client = new (clientOf(await stack.textOf('OWNER_URL_FILE')))();
      await client.connect();
      await client.query(ops('postgres/grants.sql'));
      await client.end();
      expect(await admin.granted('rollcall_app')).toEqual(bySetting);
      expect(Object.keys(bySetting)).toEqual(expect.arrayContaining(['journal', 'rollcall_registry_migrations']));
    });

    it('works with the lists of ops/', async () => {
      await admin.grantInKafka('rollcall', ['all', ...WORKERS]);
      await admin.grantInKafka('api', ['all', 'api']);
      await admin.grantInKafka('node', ['node', 'fleet']);
      await admin.setConsulPolicy();
      await admin.makeConsulToken(await readText(secretFile('token')));
      [workers, api] = await Promise.all([Rollcall.start(workersEnvironment), Rollcall.start(apiEnvironment)]);
      await Promise.all([isWell(workers), isWell(api)]);
    });
  });

  describe('while it runs', () => {
    it('registers nodes, hears their heartbeats, lets them go, and goes on after a crash', async () => {
      const first = await fleet(nodes, '--nodes', '5', '--heartbeats', '1', '--verify', '--prefix', 'safe');
      expect(first).toMatchObject({ code: 0 });
      // Active is what the workflow says; the backends hear of it a moment later.
      const passing = () =>
        admin.consul<{ Service: { Meta: { node_id: string } } }[]>('GET', '/v1/health/service/onex-effect?passing');
      await until(async () => (await passing()).some(({ Service }) => Service.Meta.node_id === 'safe-000001'), {
        what: 'the first node in the passing list',
      });
      const gone = await fetch(`${api.url}/v1/nodes/safe-000001`, { method: 'DELETE', headers: { prefer: 'wait=30' } });
      expect([gone.status, await stateOf('safe-000001')]).toEqual([200, 'deregistered']);
      await workers.kill();
      workers = await workers.again();
      expect(await fleet(nodes, '--nodes', '5', '--prefix', 'safe')).toMatchObject({ code: 0 });
      await isWell(workers);
    });

    it('is well without complaint: nothing was refused, and what it did went to no dead letter', async () => {
      const refused = [...workers.lines, ...api.lines].filter((line) =>
        /not authorized|authorization failed|permission denied/i.test(JSON.stringify(line)),
      );
      expect(refused).toEqual([]);
      expect((await api.get('/v1/dead-letters')).body).toMatchObject({ items: [] });
    });
  });

  describe('with a privilege less', () => {
    it('names whatever PostgreSQL does not grant', async () => {
      const client = new (clientOf(await readText(secretFile('url'))))();
      await client.connect();
      for (const [table, privileges] of Object.entries(statePrivileges)) {
        for (const privilege of privileges) {
          await admin.sql(`revoke ${privilege} on ${table} from rollcall_app`);
          const expected = `the role rollcall_app lacks ${privilege} on ${table}`;
          await expect(checkPrivileges(client, statePrivileges)).rejects.toThrow(expected);
          await admin.sql(`grant ${privilege} on ${table} to rollcall_app`);
        }
      }
      await client.end();
    });

    it('says so in health, and goes on when it has it', async () => {
      await admin.sql('revoke update on machine_states, node_registrations from rollcall_app');
      await Promise.all([
        says(workers, 'state', /lacks UPDATE on machine_states\. .*grant what ops\/postgres\/grants\.sql lists/),
        says(workers, 'postgres', /UPDATE on node_registrations|permission denied for table node_registrations/),
      ]);
      await admin.sql('grant update on machine_states, node_registrations to rollcall_app');
      await isWell(workers);
    });

    it.each(['service_prefix', 'node_prefix'])('of Consul, %s: says so, and converges when it has it', async (kind) => {
      await admin.setConsulPolicy(without(ops('consul/policy.hcl'), kind));
      const nodeId = await onANewConsulNode();
      await register(nodeId);
      await says(workers, 'consul', /breaker is .*ermission denied.*grant what ops\/consul\/policy\.hcl lists/);
      await admin.setConsulPolicy();
      await isWell(workers);
      await isActive(nodeId);
    });

    const topic = (suffix: string, operation: string) => (line: AclLine) =>
      line.name.endsWith(`.${suffix}`) && line.operations.includes(operation);
    it.each<readonly [string, (line: AclLine) => boolean, RegExp]>([
      [
        'writing to a topic',
        topic('evt.node-registration-initiated.v1', 'Write'),
        /writing to .*evt\.node-registration-initiated\.v1.* is refused.*grant what ops\/kafka\/acls\.txt lists/,
      ],
      [
        'reading a topic',
        topic('cmd.register-node.v1', 'Read'),
        /group .*\.orchestrator: .*Not authorized to access topics.*ops\/kafka/,
      ],
      [
        'being in a group',
        ({ kind, name }) => kind === 'group' && name.endsWith('.reducer'),
        /\.reducer.*(Not authorized to access group|Failed to find group coordinator).*ops\/kafka\/acls\.txt/,
      ],
    ])('of Kafka, %s: says so, and loses nothing', async (what, which, expected) => {
      const roles = WORKERS.filter((role) => aclLines().some((line) => line.role === role && which(line)));
      await admin.revokeInKafka('rollcall', roles, which);
      // Brokers hear of it a moment later, so the first nodes may pass.
      const nodeIds: string[] = [];
      await until(
        async () => {
          nodeIds.push(`without-${what.replaceAll(' ', '-')}-${nodeIds.length}`);
          await register(nodeIds.at(-1)!);
          const { message } = await component(workers, 'kafka');
          if (!expected.test(message)) throw new Error(message);
          return true;
        },
        { everyMs: 500, what: `kafka to say ${String(expected)}` },
      );
      await admin.grantInKafka('rollcall', roles, which);
      await isActive(nodeIds.at(-1)!);
      await isWell(workers);
    });
  });

  describe('what keeps it from a server', () => {
    it('DescribeConfigs on the topics: says so', async () => {
      const all = (line: AclLine) => line.role === 'all';
      await admin.revokeInKafka('api', ['all'], all);
      const other = await Rollcall.spawn(apiEnvironment);
      await says(other, 'kafka', /\(DescribeConfigs\) is refused|\(Describe\), and making them/);
      await admin.grantInKafka('api', ['all'], all);
      await says(other, 'kafka', /^connected/);
      await other.stop();
    });

    it('an authority that it does not know: says so of each', async () => {
      const strangers = new Authority();
      const url = await readText(secretFile('url'));
      const rollcall = await Rollcall.spawn({
        ...apiEnvironment,
        KAFKA_SSL_CA_FILE: strangers.caFile,
        CONSUL_CACERT: strangers.caFile,
        DATABASE_URL_FILE: '',
        DATABASE_URL: url.replace(/sslrootcert=[^&]*/, `sslrootcert=${strangers.caFile}`),
      });
      await says(rollcall, 'kafka', /authority that we do not trust.*KAFKA_SSL_CA_FILE/);
      await says(rollcall, 'consul', /authority that we do not trust.*CONSUL_CACERT/);
      await says(rollcall, 'state', /authority that we do not trust.*sslrootcert in DATABASE_URL/);
      await rollcall.kill();
      strangers.remove();
    });

    it('a login that is not right: says so of each', async () => {
      const url = await readText(secretFile('url'));
      const rollcall = await Rollcall.spawn({
        ...apiEnvironment,
        KAFKA_SASL_PASSWORD_FILE: '',
        KAFKA_SASL_PASSWORD: 'not-the-password',
        CONSUL_HTTP_TOKEN_FILE: '',
        CONSUL_HTTP_TOKEN: randomUUID(),
        DATABASE_URL_FILE: '',
        DATABASE_URL: url.replace(/:[^:@]*@/, ':not-the-password@'),
      });
      await says(rollcall, 'kafka', /does not let us in: see KAFKA_SASL_MECHANISM/);
      await says(rollcall, 'consul', /ACL not found.*does not let us in: see CONSUL_HTTP_TOKEN/);
      await says(rollcall, 'state', /does not let us in: see user and password in DATABASE_URL/);
      await rollcall.kill();
    });

    it('a password and a token that were changed in their files: takes them without a restart', async () => {
      const before = await readText(secretFile('token'));
      const token = randomUUID();
      await admin.makeConsulToken(token);
      await writeFile(secretFile('token'), token);
      await admin.sql(`alter role rollcall_app password 'another-one'`);
      await writeFile(secretFile('url'), (await readText(secretFile('url'))).replace(/:[^:@]*@/, ':another-one@'));
      await admin.forgetConsulToken(before);
      await admin.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rollcall_app'`);
      await isActiveAfter('renewed');
      await Promise.all([isWell(workers), isWell(api)]);
    });
  });

  /** An id whose synthetic node has to be made first. */
  async function onANewConsulNode(): Promise<string> {
    const there = await admin.consul<{ Node: string }[]>('GET', '/v1/catalog/nodes');
    const ids = Array.from({ length: 1000 }, () => `new-${randomUUID()}`);
    const id = ids.find((one) => !there.some(({ Node }) => Node === syntheticNode('rollcall', bucketOf(one))));
    if (id === undefined) throw new Error('all synthetic nodes are there');
    return id;
  }

  async function isActiveAfter(nodeId: string): Promise<void> {
    await until(async () => (await register(nodeId)).startsWith('20'), { what: 'a registration' });
    await isActive(nodeId);
  }
});

async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}

/** A policy without one of its rules. */
function without(policy: string, kind: string): string {
  const rest = policy.replace(new RegExp(`^${kind} "[^"]*" \\{[^}]*\\}`, 'm'), '');
  if (rest === policy) throw new Error(`the policy has no ${kind}`);
  return rest;
}
