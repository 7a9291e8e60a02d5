import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import pg, { type Client, type ClientConfig } from 'pg';

/** Where a database is. A function says it anew for each connection: who is told a new password need not restart us. */
export type DatabaseUrl = string | (() => string);

/** Parameters of the URL that are for us and not for the driver. */
const OURS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat'];

/**
 * A URL in the driver's words. What it says of TLS means what it means to libpq (the driver would take `require` for `verify-full`, which
 * it is to become in its next release): https://www.postgresql.org/docs/current/libpq-ssl.html
 *
 * | sslmode       | the connection is                                                                                |
 * | ------------- | ------------------------------------------------------------------------------------------------ |
 * | none, disable | as it is: no TLS                                                                                 |
 * | require       | encrypted; with `sslrootcert` as verify-ca, without it nobody looks who the server is            |
 * | verify-ca     | encrypted, to a server with a certificate from `sslrootcert`                                     |
 * | verify-full   | the same, and the certificate has the server's name; without `sslrootcert` by what Node trusts   |
 *
 * Reads the files that the URL names. Throws when one cannot be read.
 */
export function connectionOf(text: string): ClientConfig {
  const url = new URL(text);
  const parameters = Object.fromEntries([...url.searchParams].filter(([name]) => !OURS.includes(name)));
  const given = (value: string | undefined): value is string => value !== undefined && value !== '';
  const user = decoded(url.username);
  const password = decoded(url.password);
  const host = parameters['host'] ?? decoded(url.hostname).replace(/^\[(.+)\]$/, '$1');
  const database = decoded(url.pathname.slice(1));
  return {
    ...(parameters as ClientConfig),
    ...(given(user) && { user }),
    ...(given(password) && { password }),
    ...(given(host) && { host }),
    ...(given(url.port) && { port: Number(url.port) }),
    ...(given(database) && { database }),
    ...tlsOf(url.searchParams, host),
  };
}

/** A Client that is told when it is made where its database is; the pool makes one for each connection. */
export function clientOf(url: DatabaseUrl): new (config?: ClientConfig) => Client {
  return class extends pg.Client {
    constructor(config?: ClientConfig) {
      super({ ...config, ...connectionOf(typeof url === 'string' ? url : url()) });
    }
  };
}

function tlsOf(parameters: URLSearchParams, host: string): Pick<ClientConfig, 'ssl'> {
  const mode = parameters.get('sslmode');
  // Other values of the driver's own parameter, and the variable PGSSLMODE, are left to it.
  if (mode === null) return ['0', 'false'].includes(parameters.get('ssl') ?? '') ? { ssl: false } : {};
  if (mode === 'disable') return { ssl: false };
  const ca = textOf(parameters.get('sslrootcert'));
  const cert = textOf(parameters.get('sslcert'));
  const key = textOf(parameters.get('sslkey'));
  const looksAtName = mode === 'verify-full';
  const looksAtIssuer = looksAtName || (mode !== 'no-verify' && ca !== undefined);
  return {
    ssl: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      rejectUnauthorized: looksAtIssuer,
      // By ourselves: the driver does not say the server's name to TLS where that is an address.
      checkServerIdentity: looksAtName
        ? (_name, certificate) => checkServerIdentity(host, certificate)
        : () => undefined,
    } satisfies ConnectionOptions,
  };
}

function textOf(path: string | null): string | undefined {
  return path === null || path === 'system' ? undefined : readFileSync(path, 'utf8');
}

/** A percent sign that encodes nothing is one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
