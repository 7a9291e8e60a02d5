import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { clientOf, connectionOf } from '../../src/runtime/journal/connection-of.js';
import { Authority } from '../support/certificates.js';

let authority: Authority;

beforeAll(() => {
  authority = new Authority();
});
afterAll(() => authority.remove());

/** What the driver would make of a URL by itself: but for TLS, ours is to say the same. */
function asTheDriver(url: string) {
  const { user, password, host, port, database } = new pg.Client({ connectionString: url });
  return { user, password, host, port, database };
}

describe('a URL', () => {
  it.each([
    'postgres://user:secret@db.example:6432/fleet',
    'postgres://user:p%40ss%20word@db.example/fleet',
    'postgres://user:100%sure@db.example/fleet',
    'postgres://us%2Fer@[::1]:5432/fl%20eet',
    'postgresql:///registry',
    'postgres://postgres@localhost:5432/postgres?host=%2Frun%2Fpostgresql',
    'postgres://db.example/fleet?application_name=mine&options=-c%20jit%3Doff',
  ])('%s means what it means to the driver', (url) => {
    const { user, password, host, port, database } = new (clientOf(url))();
    expect({ user, password, host, port, database }).toEqual(asTheDriver(url));
  });

  it('keeps its other parameters', () => {
    expect(connectionOf('postgres://h/db?application_name=mine&statement_timeout=5000')).toMatchObject({
      application_name: 'mine',
      statement_timeout: '5000',
    });
  });

  it('is asked for with every connection', () => {
    const passwords = ['one', 'two'];
    const Client = clientOf(() => `postgres://u:${passwords.shift() ?? ''}@h/db`);
    expect([new Client().password, new Client().password]).toEqual(['one', 'two']);
  });
});

describe('sslmode means what it means to libpq', () => {
  const tls = (query: string) => connectionOf(`postgres://db.example/fleet?${query}`).ssl;
  const named = (name: string) => ({ subject: { CN: name }, subjectaltname: `DNS:${name}` });
  const judges = (query: string, name: string): boolean => {
    const ssl = tls(query);
    if (typeof ssl !== 'object') throw new Error('no TLS');
    return ssl.checkServerIdentity?.('localhost', named(name) as never) === undefined;
  };

  it('disable and none: no TLS', () => {
    expect(tls('sslmode=disable')).toBe(false);
    expect(tls('')).toBeUndefined();
    expect(tls('ssl=0')).toBe(false);
  });

  it('require: nobody looks who it is', () => {
    expect(tls('sslmode=require')).toMatchObject({ rejectUnauthorized: false });
    expect(tls('sslmode=no-verify')).toMatchObject({ rejectUnauthorized: false });
    expect(judges('sslmode=require', 'someone.example')).toBe(true);
  });

  it('require with sslrootcert, and verify-ca: by the authority, whatever the name', () => {
    for (const mode of ['require', 'verify-ca']) {
      const query = `sslmode=${mode}&sslrootcert=${authority.caFile}`;
      expect(tls(query)).toMatchObject({ ca: authority.ca, rejectUnauthorized: true });
      expect(judges(query, 'someone.example')).toBe(true);
    }
  });

  it('verify-full: by the authority and the name in the URL', () => {
    for (const query of ['sslmode=verify-full', `sslmode=verify-full&sslrootcert=${authority.caFile}`]) {
      expect(tls(query)).toMatchObject({ rejectUnauthorized: true });
      expect(judges(query, 'db.example')).toBe(true);
      expect(judges(query, 'localhost')).toBe(false);
    }
    expect(tls('sslmode=verify-full&sslrootcert=system')).not.toHaveProperty('ca');
  });

  it('sslcert and sslkey: a certificate of ours', () => {
    const { certFile, keyFile, cert, key } = authority.issue('rollcall');
    expect(tls(`sslmode=verify-full&sslcert=${certFile}&sslkey=${keyFile}`)).toMatchObject({ cert, key });
  });
});
