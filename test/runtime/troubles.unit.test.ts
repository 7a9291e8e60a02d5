import { once } from 'node:events';
import { createServer as createPlainServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { errorText } from '../../src/messages/index.js';
import { createConsulReader } from '../../src/registry-effect/consul/consul-reader.js';
import { HealthRegistry } from '../../src/runtime/health-registry.js';
import { clientOf } from '../../src/runtime/journal/connection-of.js';
import { createKafka } from '../../src/runtime/kafka/kafka-client.js';
import { withAdvice } from '../../src/runtime/troubles/advice.js';
import {
  SERVERS,
  TROUBLE_KINDS,
  troubleIn,
  type ServerName,
  type TroubleKind,
} from '../../src/runtime/troubles/trouble.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { until } from '../support/stack.js';

let ours: Authority;
let strangers: Authority;
const certificates = new Map<string, Certificate>();
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(() => {
  ours = new Authority();
  strangers = new Authority();
  certificates.set('good', ours.issue('good'));
  certificates.set('expired', ours.issue('expired', { days: -1 }));
  certificates.set('other name', ours.issue('other', { names: 'DNS:someone.example' }));
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => {
  ours.remove();
  strangers.remove();
});

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that has such a certificate, and wants one of its clients if `authority` is given. */
type Setup = { readonly certificate: string; readonly wants?: Authority };
type Reached = { readonly text: string };
/** How a program of ours fails to reach a server of that kind on a port. */
type Reaching = (port: number, tls: { readonly ca: string }, caFile: string) => Promise<Reached>;

function tlsOptions({ certificate, wants }: Setup): TlsOptions {
  const { cert, key } = certificates.get(certificate)!;
  return { cert, key, ...(wants !== undefined && { ca: wants.ca, requestCert: true, rejectUnauthorized: true }) };
}

const reachKafka: Reaching = async (port, tls) => {
  const security = { tls: () => tls, sasl: null };
  const kafka = createKafka([`127.0.0.1:${port}`], 'test', pino({ level: 'silent' }), security);
  const admin = kafka.admin({ retry: { retries: 0 } });
  const text = await until(
    async () => {
      const told = await admin.connect().then(() => 'connected', errorText);
      // Says that the machine was busy, and nothing of the server.
      return told.includes('Connection timeout') ? null : told;
    },
    { what: 'what the server has to say' },
  );
  await admin.disconnect();
  return { text };
};

// By the client of the audit: that of the health probe asks of an error whether it is one, and those of TLS are another realm's here.
const reachConsul: Reaching = async (port, tls) => {
  const reader = createConsulReader({ address: `https://127.0.0.1:${port}`, tls: () => tls, requestTimeoutMs: 60_000 });
  const text = await reader.read('/v1/status/leader').then(() => 'connected', errorText);
  await reader.close();
  return { text };
};

const reachPostgres: Reaching = async (port, _tls, caFile) => {
  const client = new (clientOf(`postgres://u:p@127.0.0.1:${port}/db?sslmode=verify-full&sslrootcert=${caFile}`))();
  client.on('error', () => undefined);
  const text = await client.connect().then(() => 'connected', errorText);
  await client.end();
  return { text };
};

/** Says yes to TLS as PostgreSQL does, and speaks no more. */
function postgresServer(options: TlsOptions): Server {
  const inner = createTlsServer(options, (socket) => socket.on('error', () => undefined).resume());
  return createPlainServer((socket) => {
    socket.once('data', () => {
      socket.write('S');
      inner.emit('connection', socket);
    });
  });
}

const WORLDS: readonly {
  readonly server: ServerName;
  readonly reach: Reaching;
  readonly secure: (options: TlsOptions) => Server;
  readonly plain: () => Server;
}[] = [
  {
    server: 'kafka',
    reach: reachKafka,
    secure: (options) => createTlsServer(options, (socket) => socket.on('error', () => undefined).resume()),
    // What it reads is no request: it hangs up.
    plain: () => createPlainServer((socket) => socket.once('data', () => socket.end())),
  },
  {
    server: 'consul',
    reach: reachConsul,
    secure: (options) => createTlsServer(options, (socket) => socket.on('error', () => undefined).resume()),
    plain: () => createHttpServer(),
  },
  {
    server: 'state',
    reach: reachPostgres,
    secure: postgresServer,
    plain: () => createPlainServer((socket) => socket.once('data', () => socket.end('N'))),
  },
];

describe.each(WORLDS)('$server by TLS', ({ server, reach, secure, plain }) => {
  it.each<readonly [TroubleKind, Setup, 'ours' | 'strangers']>([
    ['untrusted', { certificate: 'good' }, 'strangers'],
    ['expired', { certificate: 'expired' }, 'ours'],
    ['wrong_name', { certificate: 'other name' }, 'ours'],
  ])('%s: is known, with what mends it', async (kind, setup, trusted) => {
    const authority = trusted === 'ours' ? ours : strangers;
    const port = await listening(secure(tlsOptions(setup)));
    const { text } = await reach(port, { ca: authority.ca }, authority.caFile);
    expect([text, troubleIn(server, text)]).toEqual([text, kind]);
    expect(withAdvice(server, text)).toMatch(/KAFKA_|CONSUL_|DATABASE_URL|renew it there/);
  });

  it('nobody there speaks TLS', async () => {
    const port = await listening(plain());
    const { text } = await reach(port, { ca: ours.ca }, ours.caFile);
    expect([text, troubleIn(server, text)]).toEqual([text, 'no_tls_there']);
  });
});

// undici only tells that the other side has hung up; PostgreSQL says it in words of its own, below.
it.each<readonly [ServerName, TroubleKind]>([
  ['kafka', 'certificate_wanted'],
  ['consul', 'closed'],
])('%s wants a certificate of ours: %s', async (name, kind) => {
  const { reach, secure } = WORLDS.find(({ server }) => server === name)!;
  const port = await listening(secure(tlsOptions({ certificate: 'good', wants: ours })));
  const { text } = await reach(port, { ca: ours.ca }, ours.caFile);
  expect([text, troubleIn(name, text)]).toEqual([text, kind]);
});

/** As servers and drivers say it. */
const SAID: readonly (readonly [ServerName, TroubleKind | null, string])[] = [
  ['kafka', 'login_refused', 'SASL SCRAM SHA512 authentication failed: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512'], // prettier-ignore
  ['kafka', 'login_refused', 'SASL PLAIN authentication failed: Authentication failed: Invalid username or password'],
  ['kafka', 'login_refused', 'SASL SCRAM-SHA-256 mechanism is not supported by the server'],
  ['kafka', 'denied', 'Not authorized to access topics: [Topic authorization failed]'],
  ['kafka', 'denied', 'Not authorized to access group: Group authorization failed'],
  ['kafka', 'denied', 'Cluster authorization failed'],
  ['kafka', 'closed', 'Closed connection'],
  ['kafka', 'no_coordinator', 'not in the consumer groups yet: g.reducer (Failed to find group coordinator)'],
  ['kafka', null, 'connect ECONNREFUSED 127.0.0.1:9092'],
  ['kafka', null, 'group a: consul: Permission denied'],
  ['consul', 'tls_wanted', 'consul: status.leader: Client sent an HTTP request to an HTTPS server.'],
  ['consul', 'tls_wanted', 'bad request'],
  ['consul', 'closed', 'other side closed'],
  ['consul', 'certificate_wanted', 'error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate'],
  ['state', 'certificate_wanted', 'connection requires a valid client certificate'],
  ['consul', 'login_refused', 'consul: agent.self: ACL not found'],
  ['consul', 'denied', 'Permission denied'],
  [
    'consul',
    'denied',
    'rpc error making call: Permission denied: token with AccessorID lacks permission service:write',
  ],
  ['consul', 'denied', 'Consul answered 403: no text'],
  ['consul', null, 'Consul has no leader'],
  ['state', 'tls_wanted', 'no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", no encryption'],
  ['state', 'login_refused', 'no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", SSL encryption'],
  ['state', 'login_refused', 'password authentication failed for user "rollcall_app"'],
  ['state', 'login_refused', 'role "rollcall" does not exist'],
  ['state', 'login_wanted', 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'],
  ['state', 'denied', 'permission denied for schema public'],
  ['postgres', 'denied', 'permission denied for table node_registrations'],
  ['postgres', 'denied', 'the role rollcall_app lacks UPDATE on machine_states'],
  ['postgres', 'denied', 'must be owner of view tool_registrations'],
  ['state', null, 'database "fleet" does not exist'],
  ['state', null, 'connect ECONNREFUSED 127.0.0.1:5432'],
];

describe('what is said', () => {
  it.each(SAID)('by %s: %s, %s', (server, kind, text) => {
    expect(troubleIn(server, text)).toBe(kind);
  });

  it('has advice of its own for each kind and server, which names what to look at', () => {
    const seen = SAID.flatMap(([server, kind, text]) => (kind === null ? [] : [withAdvice(server, text)]));
    expect(seen.filter((text) => !/[A-Z]+_[A-Z_]+|ops\//.test(text))).toEqual([]);
    expect(new Set(SAID.map(([, kind]) => kind))).toEqual(
      new Set([null, ...TROUBLE_KINDS.filter((kind) => !OF_TLS.includes(kind))]),
    );
  });

  it('is repeated once, and not for others than the servers', () => {
    const once = withAdvice('kafka', 'Cluster authorization failed');
    expect(withAdvice('kafka', once)).toBe(once);
    expect(withAdvice('expiry', 'permission denied')).toBe('permission denied');
    for (const server of SERVERS) expect(withAdvice(server, 'something else')).toBe('something else');
  });
});

/** Met for real above. */
const OF_TLS: readonly TroubleKind[] = ['untrusted', 'expired', 'wrong_name', 'no_tls_there'];

it('health tells a trouble with its advice, beyond the length of a message', async () => {
  const registry = new HealthRegistry();
  const long = `${'x'.repeat(200)} password authentication failed for user "a"`;
  registry.register({ name: 'state', critical: true, check: () => Promise.reject(new Error(long)) });
  await new Promise((resolve) => setImmediate(resolve));
  const message = registry.health().components['state']?.message;
  registry.close();
  expect(message).toBe(`${long}. The database does not let us in: see user and password in DATABASE_URL.`);
});
