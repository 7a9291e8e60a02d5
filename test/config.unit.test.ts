import { describe, expect, it } from '@jest/globals';
import { ConfigError, describeConfig, loadConfig } from '../src/config.js';
import { redact } from '../src/messages/index.js';

const SERVERS = {
  KAFKA_BROKERS: '127.0.0.1:29092',
  CONSUL_HTTP_ADDR: 'http://127.0.0.1:28500',
  DATABASE_URL: 'postgres://rollcall:hunter2hunter2@127.0.0.1:25432/fleet',
};

function refusal(env: Record<string, string>): ConfigError | null {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return null;
}

function mistakes(env: Record<string, string>): readonly string[] {
  return refusal(env)?.mistakes ?? [];
}

describe('loadConfig', () => {
  it('fills in the defaults of the design', () => {
    expect(loadConfig(SERVERS)).toEqual({
      kafka: {
        brokers: ['127.0.0.1:29092'],
        topicPrefix: 'dev.onex',
        groupPrefix: 'bridge-registry-group',
        partitions: 6,
        tls: null,
        sasl: null,
      },
      consul: { address: 'http://127.0.0.1:28500', token: undefined, tls: null },
      stateDatabaseUrl: SERVERS.DATABASE_URL,
      registryDatabaseUrl: SERVERS.DATABASE_URL,
      migrate: { mode: 'auto', grantTo: null },
      secretFiles: {},
      embedded: { dataDir: 'data', logRetentionMs: 86_400_000 },
      registryId: 'rollcall',
      roles: ['api', 'orchestrator', 'reducer', 'consul', 'postgres', 'heartbeats', 'snapshots'],
      timings: {
        ackTimeoutMs: 30_000,
        livenessWindowMs: 30_000,
        heartbeatIntervalMs: 10_000,
        degradedAcceptAfterMs: 5000,
      },
      signedEvents: 'off',
      deadlines: {
        scanIntervalMs: 500,
        maxHeartbeatsPerSecond: 10_000,
        massExpiry: { share: 0.3, minNodes: 10 },
      },
      drift: { auditIntervalMs: 10_000, repair: 'auto', repairsPerSecond: 500, maxShare: 0.2 },
      resilience: { retryAttempts: 3, retryBaseMs: 100, retryMaxMs: 5000, breakerFailures: 5, breakerResetMs: 60_000 },
      selfRegistration: null,
      http: { host: '127.0.0.1', port: 3000 },
      access: {
        open: true,
        tokens: [],
        oidc: null,
        hosts: { own: '127.0.0.1', allowed: [] },
        trustedProxies: [],
        metricsPublic: false,
        limits: { commands: 0, reads: 0, node: 0, failures: 0 },
        auditRetentionDays: 365,
      },
      logLevel: 'info',
      tracing: null,
      production: false,
      warnings: [],
    });
  });

  it('is frozen to the bottom', () => {
    const config = loadConfig(SERVERS);
    expect(Object.isFrozen(config) && Object.isFrozen(config.kafka) && Object.isFrozen(config.kafka.brokers)).toBe(
      true,
    );
  });

  it.each([
    ['KAFKA_BROKERS', 'a.example:9092, b.example:9092,[::1]:9092', ['a.example:9092', 'b.example:9092', '[::1]:9092']],
    ['ROLES', 'reducer, api', ['reducer', 'api']],
  ])('reads %s as a list', (variable, text, list) => {
    const config = loadConfig({ ...SERVERS, [variable]: text });
    expect(variable === 'ROLES' ? config.roles : config.kafka.brokers).toEqual(list);
  });

  it.each([
    ['127.0.0.1:8500', 'http://127.0.0.1:8500'],
    ['http://consul.example:8500/', 'http://consul.example:8500'],
    ['https://consul.example', 'https://consul.example'],
  ])('takes %s for the address of Consul', (text, address) => {
    expect(loadConfig({ ...SERVERS, CONSUL_HTTP_ADDR: text }).consul?.address).toBe(address);
  });

  it('takes an empty value for an absent one', () => {
    expect(loadConfig({ ...SERVERS, PORT: '', REGISTRY_DATABASE_URL: ' ' })).toEqual(loadConfig(SERVERS));
  });

  it('can have a registry database of its own', () => {
    const config = loadConfig({ ...SERVERS, REGISTRY_DATABASE_URL: 'postgresql:///registry' });
    expect([config.stateDatabaseUrl, config.registryDatabaseUrl]).toEqual([
      SERVERS.DATABASE_URL,
      'postgresql:///registry',
    ]);
  });

  it('embeds every part whose server is not named, each alone', () => {
    const { kafka, consul, stateDatabaseUrl, registryDatabaseUrl } = loadConfig({});
    expect([kafka.brokers, consul, stateDatabaseUrl, registryDatabaseUrl]).toEqual([null, null, null, null]);
    expect(loadConfig({ KAFKA_BROKERS: 'a:1' })).toMatchObject({ kafka: { brokers: ['a:1'] }, stateDatabaseUrl: null });
    expect(loadConfig({ REGISTRY_DATABASE_URL: SERVERS.DATABASE_URL })).toMatchObject({
      stateDatabaseUrl: null,
      registryDatabaseUrl: SERVERS.DATABASE_URL,
    });
    expect(describeConfig(loadConfig({}))).toMatchObject({
      kafka: { brokers: 'embedded' },
      consul: 'embedded',
      stateDatabaseUrl: 'embedded',
      registryDatabaseUrl: 'embedded',
    });
  });

  it('does not split roles over processes that could not share the embedded database', () => {
    expect(mistakes({ ROLES: 'api,orchestrator' })).toEqual([expect.stringMatching(/^ROLES=.*set DATABASE_URL/)]);
    expect(loadConfig({ ROLES: 'api,orchestrator', DATABASE_URL: SERVERS.DATABASE_URL }).roles).toHaveLength(2);
    expect(loadConfig({ ROLES: 'heartbeats,postgres,consul,reducer,orchestrator,api' }).roles).toHaveLength(6);
  });

  it('joins its own fleet only where it can speak with it', () => {
    expect(loadConfig({ SELF_REGISTRATION: 'true' }).selfRegistration).toEqual({ advertisedUrl: null });
    expect(loadConfig({ SELF_REGISTRATION: 'true', SELF_URL: 'http://a:1' }).selfRegistration).toEqual({
      advertisedUrl: 'http://a:1',
    });
    const mute = { SELF_REGISTRATION: 'true', ROLES: 'reducer', DATABASE_URL: SERVERS.DATABASE_URL };
    expect(mistakes(mute)).toEqual([expect.stringMatching(/^SELF_REGISTRATION="true" speaks over the gateway/)]);
    expect(mistakes({ ...mute, ROLES: 'reducer,api' })).toEqual([]);
    expect(mistakes({ ...mute, KAFKA_BROKERS: 'a:1' })).toEqual([]);
    expect(mistakes({ SELF_REGISTRATION: 'yes', SELF_URL: 'a:1' })).toHaveLength(2);
  });

  it('names every mistake at once', () => {
    const found = mistakes({
      KAFKA_BROKERS: 'localhost',
      CONSUL_HTTP_ADDR: 'ftp://consul',
      DATABASE_URL: 'mysql://root@127.0.0.1/x',
      ROLES: 'api,cook',
      PORT: 'seventy',
      LOG_LEVEL: 'loud',
      HEARTBEAT_INTERVAL_MS: '40000',
      RETRY_BASE_MS: '6000',
    });
    expect(found).toHaveLength(8);
    expect(found.every((text) => /Expected: .+ such as |has to be|must not/.test(text))).toBe(true);
    expect(found.join('\n')).not.toContain('stack');
  });

  it.each([
    ['KAFKA_BROKERS', ','],
    ['KAFKA_BROKERS', 'a:0'],
    ['KAFKA_BROKERS', 'a:65536'],
    ['KAFKA_BROKERS', 'a:9092;b:9092'],
    ['CONSUL_HTTP_ADDR', 'http://u:p@consul:8500'],
    ['CONSUL_HTTP_ADDR', 'http://consul:8500/ui'],
    ['CONSUL_HTTP_ADDR', 'unix:///run/consul.sock'],
    ['CONSUL_HTTP_TOKEN', 'two words'],
    ['DATABASE_URL', '127.0.0.1:5432'],
    ['REGISTRY_DATABASE_URL', 'postgres//x'],
    ['TOPIC_PREFIX', 'dev onex'],
    ['TOPIC_PREFIX', 'x'.repeat(151)],
    ['REGISTRY_ID', '-rollcall'],
    ['TOPIC_PARTITIONS', '0'],
    ['RETRY_ATTEMPTS', '2.5'],
    ['ACK_TIMEOUT_MS', '-1'],
    ['ACK_TIMEOUT_MS', '0x10'],
    ['ACK_TIMEOUT_MS', '99999999999999999999'],
    ['PORT', '65536'],
    ['HOST', 'a b'],
    ['ROLES', 'API'],
  ])('refuses %s=%s', (variable, value) => {
    const found = mistakes({ ...SERVERS, [variable]: value });
    expect(found).toEqual([expect.stringMatching(`^${variable}=`)]);
  });

  it('does not cross-check what is wrong already', () => {
    expect(mistakes({ ...SERVERS, RETRY_MAX_MS: 'x', RETRY_BASE_MS: '900000' })).toHaveLength(1);
  });

  it.each([
    ['DATABASE_URL', 'mysql://u:s3cr3t-word@h/db'],
    ['DATABASE_URL', 'postgres//u:s3cr3t-word@h/db'],
    ['DATABASE_URL', 'u:s3cr3t-word@h/db'],
    ['REGISTRY_DATABASE_URL', 'mysql://h/db?password=s3cr3t-word'],
    ['CONSUL_HTTP_ADDR', 'http://u:s3cr3t-word@h'],
    ['KAFKA_BROKERS', 'sasl://u:s3cr3t-word@h:1'],
    ['CONSUL_HTTP_TOKEN', 's3cr3t-word s3cr3t-word'],
  ])('never prints a secret in a message about %s=%s', (variable, value) => {
    const found = mistakes({ ...SERVERS, [variable]: value }).join('\n');
    expect(found).toContain(variable);
    expect(found).not.toContain('s3cr3t-word');
  });

  it('makes secrets unprintable', () => {
    const password = 'p%40ss-of-the-day';
    loadConfig({ ...SERVERS, CONSUL_HTTP_TOKEN: 'b1gs3cr3t', DATABASE_URL: `postgres://u:${password}@h/db` });
    expect(redact(`${password} p@ss-of-the-day b1gs3cr3t`)).toBe('*** *** ***');
  });

  it('leaves printable what is the name of user or database, too', () => {
    loadConfig({ ...SERVERS, DATABASE_URL: 'postgres://registrar:registrar@h/fleet' });
    expect(redact('hello registrar')).toBe('hello registrar');
  });

  it('points at names that are misspelt', () => {
    const { KAFKA_BROKERS, ...others } = SERVERS;
    expect(mistakes({ ...others, KAFKA_BROKER: KAFKA_BROKERS })).toEqual([
      'KAFKA_BROKER is set: was KAFKA_BROKERS meant? Without it an embedded part would be used.',
    ]);
    expect(loadConfig({ ...SERVERS, RETRY_ATEMPTS: '9', PATH: '/bin', CONSUL_HTTP_AUTH: 'x' }).warnings).toEqual([
      'RETRY_ATEMPTS is set: was RETRY_ATTEMPTS meant?',
    ]);
  });
});

it('describeConfig masks every secret', () => {
  const config = loadConfig({
    ...SERVERS,
    CONSUL_HTTP_TOKEN: 'abc',
    REGISTRY_DATABASE_URL: 'postgres://u:pw@h/db?password=pw2',
  });
  const text = JSON.stringify(describeConfig(config));
  expect(JSON.parse(text)).toMatchObject({
    consul: { address: 'http://127.0.0.1:28500', token: '***' },
    stateDatabaseUrl: 'postgres://rollcall:***@127.0.0.1:25432/fleet',
    registryDatabaseUrl: 'postgres://u:***@h/db?password=***',
    http: { port: 3000 },
  });
  expect(text).not.toMatch(/hunter2|pw/);
});
