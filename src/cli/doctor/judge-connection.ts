import { redact } from '../../messages/index.js';
import { firstCause, isObject } from '../registry/failures.js';
import { fail, type Finding } from './finding.js';

export type Server = 'Kafka' | 'Consul' | 'PostgreSQL';

const VARIABLES = { Kafka: 'KAFKA_BROKERS', Consul: 'CONSUL_HTTP_ADDR', PostgreSQL: 'DATABASE_URL' } as const;

const LOSSES = {
  Kafka: 'Without the log nothing is decided, and nothing that nodes say is heard.',
  Consul: 'Nodes are not found: their records wait in the log until Consul is back.',
  PostgreSQL: 'Without the state database nothing is decided; without the registry database records wait in the log.',
} as const;

/** What the errors of the three clients have in them, and what to do about it. The first that fits counts. */
const MENDS: readonly (readonly [sign: RegExp, mend: (server: Server) => string])[] = [
  [/ECONNREFUSED/, (server) => `Start ${server}, or set ${VARIABLES[server]} to the host and port where it listens.`],
  [/ENOTFOUND|EAI_AGAIN/, (server) => `The host name has no address: mend ${VARIABLES[server]}, or the name service.`],
  [
    /28P01|password authentication|SASL authentication|authentication failed/i,
    () => 'Mend user and password: the server refuses them.',
  ],
  [
    /28000|pg_hba/,
    () => 'The server lets nobody in from here by this user: add a line to its pg_hba.conf, or take another user.',
  ],
  [
    /3D000|database ".*" does not exist/,
    () => 'Make the database: createdb NAME, or set the URL to the one that is there.',
  ],
  [
    /53300|too many (connections|clients)/,
    () => 'The server has no connection left: raise max_connections, or end what holds them.',
  ],
  [
    /certificate|SSL|TLS|wrong version number/i,
    () => 'The two do not agree on encryption: see that both speak TLS, and that the certificate is known here.',
  ],
  [
    /leader for (that|this) topic-partition/i,
    () => 'A partition has had no leader for longer than a moment: start the brokers that hold its replicas.',
  ],
  [/40[13]|permission denied|ACL/i, () => 'The token is refused: set one that may do what docs/operations.md lists.'],
  [
    /timed? ?out|ETIMEDOUT|no answer|EHOSTUNREACH/i,
    (server) => `Nobody answers in time: a firewall, a wrong address in ${VARIABLES[server]}, or a server that hangs.`,
  ],
];

/** A server that could not be looked at. */
export function notReached(check: string, server: Server, error: unknown): Finding {
  const text = redact(textOf(error), 500);
  const mend = MENDS.find(([sign]) => sign.test(text))?.[1](server);
  return fail(check, {
    what: `${server} cannot be used: ${text}`,
    why: LOSSES[server],
    mend: mend ?? `See that ${VARIABLES[server]} names the right server, and look into its log.`,
  });
}

/** With the code, which says more than the words of some. */
function textOf(error: unknown): string {
  const text = firstCause(error);
  const code = isObject(error) && typeof error['code'] === 'string' ? error['code'] : '';
  return code === '' || text.includes(code) ? text : `${text} (${code})`;
}
