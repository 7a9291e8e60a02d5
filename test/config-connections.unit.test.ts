import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, describeConfig, describeVariables, loadConfig, variableNames } from '../src/config.js';
import { connectionsOf } from '../src/config/connections.js';
import { renewing } from '../src/config/renewing.js';
import { redact } from '../src/messages/index.js';
import { Authority, type Certificate } from './support/certificates.js';

const KAFKA = { KAFKA_BROKERS: 'kafka.example:9093', KAFKA_SSL: 'true' };
const CONSUL = { CONSUL_HTTP_ADDR: 'https://consul.example:8501' };

let authority: Authority;
let certificate: Certificate;
let folder: string;

beforeAll(() => {
  authority = new Authority();
  certificate = authority.issue('rollcall');
  folder = mkdtempSync(join(tmpdir(), 'rollcall-secrets-'));
});

afterAll(() => {
  authority.remove();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function mistakes(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('TLS and login', () => {
  it('to Kafka', () => {
    const { kafka } = loadConfig({
      ...KAFKA,
      KAFKA_SSL_CA_FILE: authority.caFile,
      KAFKA_SSL_CERT_FILE: certificate.certFile,
      KAFKA_SSL_KEY_FILE: certificate.keyFile,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'rollcall',
      KAFKA_SASL_PASSWORD: 'unguessable',
    });
    expect(kafka).toMatchObject({
      tls: { ca: authority.caFile, cert: certificate.certFile, key: certificate.keyFile },
      sasl: { mechanism: 'scram-sha-512', username: 'rollcall', password: 'unguessable' },
    });
  });

  it('to Consul, for https alone', () => {
    const given = {
      ...CONSUL,
      CONSUL_CACERT: authority.caFile,
      CONSUL_CLIENT_CERT: certificate.certFile,
      CONSUL_CLIENT_KEY: certificate.keyFile,
      CONSUL_TLS_SERVER_NAME: 'server.dc1.consul',
    };
    const { consul } = connectionsOf(loadConfig(given));
    expect(consul?.tls?.()).toEqual({
      ca: authority.ca,
      cert: certificate.cert,
      key: certificate.key,
      servername: 'server.dc1.consul',
    });
    expect(loadConfig({ CONSUL_HTTP_ADDR: 'http://consul.example:8500' }).consul?.tls).toBeNull();
  });

  it.each<readonly [string, Readonly<Record<string, string>>, RegExp]>([
    [
      'a file that is not there',
      { ...KAFKA, KAFKA_SSL_CA_FILE: '/nowhere/ca.pem' },
      /^KAFKA_SSL_CA_FILE="\/nowhere\/ca.pem" is not there/,
    ],
    ['a folder', { ...KAFKA, KAFKA_SSL_CA_FILE: '/tmp' }, /^KAFKA_SSL_CA_FILE="\/tmp" is a folder/],
    [
      'what is no certificate',
      { ...CONSUL, CONSUL_CACERT: '/etc/hostname' },
      /^CONSUL_CACERT=.* has no certificate in PEM/,
    ],
    [
      'certificates without TLS',
      { KAFKA_BROKERS: 'a:1', KAFKA_SSL_CA_FILE: 'CA' },
      /^KAFKA_SSL_CA_FILE=.* set KAFKA_SSL=true/,
    ],
    [
      'certificates for plain http',
      { CONSUL_HTTP_ADDR: 'http://a:1', CONSUL_CACERT: 'CA' },
      /^CONSUL_CACERT=.* begin with https/,
    ],
    [
      'a certificate without its key',
      { ...KAFKA, KAFKA_SSL_CERT_FILE: 'CERT' },
      /^KAFKA_SSL_CERT_FILE=.* needs KAFKA_SSL_KEY_FILE/,
    ],
    [
      'a key without its certificate',
      { ...CONSUL, CONSUL_CLIENT_KEY: 'KEY' },
      /^CONSUL_CLIENT_KEY=.* needs CONSUL_CLIENT_CERT/,
    ],
    [
      'a key in place of a certificate',
      { ...KAFKA, KAFKA_SSL_CERT_FILE: 'KEY', KAFKA_SSL_KEY_FILE: 'KEY' },
      /has no certificate in PEM/,
    ],
    ['TLS to nobody', { KAFKA_SSL: 'true' }, /^KAFKA_SSL="true" is set, but not KAFKA_BROKERS/],
    ['neither yes nor no', { ...KAFKA, KAFKA_SSL: 'yes' }, /^KAFKA_SSL="yes" is not valid. Expected: true or false/],
    [
      'a mechanism without user',
      { ...KAFKA, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'unguessable' },
      /needs KAFKA_SASL_USERNAME/,
    ],
    [
      'a mechanism without password',
      { ...KAFKA, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a' },
      /needs KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE/,
    ],
    [
      'a user without mechanism',
      { ...KAFKA, KAFKA_SASL_USERNAME: 'a' },
      /^KAFKA_SASL_USERNAME="a" is of no use without KAFKA_SASL_MECHANISM/,
    ],
    [
      'a mechanism that we do not have',
      { ...KAFKA, KAFKA_SASL_MECHANISM: 'gssapi' },
      /Expected: one of plain, scram-sha-256, scram-sha-512/,
    ],
    ['MIGRATE without a server', { MIGRATE: 'check' }, /^MIGRATE="check" needs DATABASE_URL/],
    [
      'grants that nobody makes',
      { DATABASE_URL: 'postgres://a/b', MIGRATE: 'check', MIGRATE_GRANT_TO: 'a' },
      /^MIGRATE_GRANT_TO=.* changes nothing/,
    ],
  ])('refuses %s', (_what, env, expected) => {
    const files: Readonly<Record<string, string>> = { CA: authority.caFile, CERT: certificate.certFile, KEY: certificate.keyFile }; // prettier-ignore
    const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, files[value] ?? value]));
    expect(mistakes(given)).toEqual([expect.stringMatching(expected)]);
  });

  it('warns of a password in plain text', () => {
    const login = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a', KAFKA_SASL_PASSWORD: 'unguessable' };
    expect(loadConfig({ KAFKA_BROKERS: 'a:1', ...login }).warnings).toEqual([expect.stringContaining('as it is')]);
    expect(loadConfig({ ...KAFKA, ...login }).warnings).toEqual([]);
  });

  it('shows no password', () => {
    const login = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a', KAFKA_SASL_PASSWORD: 'unguess4ble' };
    expect(JSON.stringify(describeConfig(loadConfig({ ...KAFKA, ...login })))).not.toContain('unguess4ble');
    expect(redact('it was unguess4ble')).toBe('it was ***');
  });
});

describe('the URL of a database', () => {
  const url = (query: string) => ({ DATABASE_URL: `postgres://a:pw-of-the-day@h/db?${query}` });

  it.each([
    ['sslmode=prefer', /would go without TLS/],
    ['sslmode=allow', /would go without TLS/],
    ['sslmode=on', /does not exist/],
    ['sslmode=verify-ca', /without sslrootcert/],
    ['sslmode=verify-ca&sslrootcert=system', /without sslrootcert/],
    ['sslmode=verify-full&sslrootcert=/nowhere', /names the file \/nowhere by sslrootcert, which is not there/],
    ['sslmode=verify-full&sslrootcert=/etc/hostname', /which is not in PEM/],
    ['sslmode=verify-full&sslcert=/etc/hostname', /needs both sslcert and sslkey/],
    ['sslrootcert=/nowhere', /no sslmode/],
  ])('is refused with %s', (query, expected) => {
    const found = mistakes(url(query));
    expect(found).toEqual([expect.stringMatching(expected)]);
    expect(found[0]).toMatch(/^DATABASE_URL=/);
    expect(found[0]).not.toContain('pw-of-the-day');
  });

  it.each(['sslmode=disable', 'sslmode=require', 'sslmode=verify-full', 'sslmode=no-verify', ''])(
    'may have %s',
    (query) => {
      expect(mistakes(url(query))).toEqual([]);
    },
  );
});

describe('a secret in a file', () => {
  it('is taken without what ends its line, and is unprintable', () => {
    const path = file('token', 't0ken-of-the-day\r\n');
    const config = loadConfig({ ...CONSUL, CONSUL_HTTP_TOKEN_FILE: path });
    expect(config.consul?.token).toBe('t0ken-of-the-day');
    expect(redact('t0ken-of-the-day')).toBe('***');
    expect(config.secretFiles).toEqual({ CONSUL_HTTP_TOKEN: path });
  });

  it('may be the URL of a database', () => {
    const path = file('url', 'postgres://u:s3cr3t-in-a-file@h/db\n');
    const config = loadConfig({ DATABASE_URL_FILE: path });
    expect(config.stateDatabaseUrl).toBe('postgres://u:s3cr3t-in-a-file@h/db');
    expect(redact('s3cr3t-in-a-file')).toBe('***');
  });

  it('is one of the two, not both', () => {
    const path = file('both', 'x');
    expect(mistakes({ ...CONSUL, CONSUL_HTTP_TOKEN_FILE: path, CONSUL_HTTP_TOKEN: 'y' })).toEqual([
      'CONSUL_HTTP_TOKEN_FILE and CONSUL_HTTP_TOKEN are both set: leave one of them out',
    ]);
  });

  it.each([
    ['is not there', () => '/nowhere/token'],
    ['is empty', () => file('empty', '\n')],
    ['is a folder', () => folder],
  ])('%s: that is a mistake', (what, path) => {
    const found = mistakes({ ...CONSUL, CONSUL_HTTP_TOKEN_FILE: path() });
    expect(found).toEqual([expect.stringContaining(`${what}. Expected: a file that holds CONSUL_HTTP_TOKEN`)]);
  });

  it('is judged as its variable is, and not shown', () => {
    const found = mistakes({ ...CONSUL, CONSUL_HTTP_TOKEN_FILE: file('bad', 'tw0 w0rds') });
    expect(found).toEqual([expect.stringMatching(/^CONSUL_HTTP_TOKEN=\*\*\* is not valid/)]);
  });

  it('that everybody may read is warned of', () => {
    const open = loadConfig({ ...CONSUL, CONSUL_HTTP_TOKEN_FILE: file('open', 'abcd', 0o644) });
    expect(open.warnings).toEqual([expect.stringMatching(/^CONSUL_HTTP_TOKEN_FILE: every user/)]);
  });

  it('is known by its name, misspelt ones too', () => {
    expect(variableNames()).toEqual(expect.arrayContaining(['DATABASE_URL_FILE', 'KAFKA_SASL_PASSWORD_FILE']));
    expect(describeVariables()).toMatch(/^ {2}REGISTRY_DATABASE_URL_FILE +a file that holds REGISTRY_DATABASE_URL/m);
    expect(mistakes({ DATABASE_URL_FIEL: '/run/url' })).toEqual([
      expect.stringMatching(/was DATABASE_URL_FILE meant\? Without it an embedded part/),
    ]);
  });
});

describe('what is in files is taken again when it has changed', () => {
  it('a secret, looked at once a second', () => {
    let now = 0;
    const path = file('renewed', 'first');
    const secret = renewing(path, 'first', () => now);
    file('renewed', 'sec0nd-one\n');
    expect(secret()).toBe('first');
    now += 1000;
    expect(secret()).toBe('sec0nd-one');
    expect(redact('sec0nd-one')).toBe('***');
    rmSync(path);
    now += 1000;
    expect(secret()).toBe('sec0nd-one');
  });

  it('a certificate, with every connection', () => {
    const path = file('ca.pem', authority.ca);
    const { tls } = connectionsOf(loadConfig({ ...KAFKA, KAFKA_SSL_CA_FILE: path })).kafka;
    expect(tls?.()).toEqual({ ca: authority.ca });
    file('ca.pem', certificate.cert);
    expect(tls?.()).toEqual({ ca: certificate.cert });
    rmSync(path);
    expect(tls?.()).toEqual({ ca: certificate.cert });
  });
});
