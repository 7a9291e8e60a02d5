import { parseArgs } from 'node:util';
import { NODE_ID_PATTERN } from '../messages/index.js';
import { kafkaSecurity, type KafkaSecurity } from './kafka-security.js';

export const HELP = `Simulates a fleet of nodes that register with Rollcall, and measures it.

  npm run fleet -- --nodes N [options]

  --nodes N          how many nodes register (1 to 1000000)
  --rate R           introspections per second, at times fixed in advance (open loop); default: as fast as they are taken
  --transport T      how the nodes speak with the registry: kafka, or http, by its gateway, where each node holds a connection
                     (a registry takes 10000); default: kafka where KAFKA_BROKERS is set, else http
  --url URL          where the registry is, for http; default: ROLLCALL_URL, else http://127.0.0.1:3000
  --heartbeats S     active nodes send heartbeats, at the interval that they were told, until S seconds after all are active
  --prefix NAME      the nodes are NAME-000001, NAME-000002, ...; default: a new name for each run, hence new nodes.
                     The same name again is the same nodes, started again.
  --sign FILE        signs all that they say with the private key in FILE (Ed25519, PEM), the same for all nodes; where there is
                     no such file, it is made, with a new key
  --duplicate        sends every introspection and every ack twice
  --verify           also reads what the registry did for each node, and checks it: INITIATED, ACCEPTED, ACK_RECEIVED,
                     BECAME_ACTIVE once each, in this order, one correlation id, an unbroken chain of causes, no message
                     under two event ids. Over http nodes hear only what is said to them, so INITIATED and what led to ACCEPTED
                     are not checked
  --timeout S        gives up when nothing has happened for S seconds; default 60
  --json             prints the result as JSON
  --help

Environment: KAFKA_BROKERS (host:port, several with commas), TOPIC_PREFIX (default dev.onex), ROLLCALL_URL; for TLS and a login
KAFKA_SSL and KAFKA_SASL_MECHANISM with what belongs to them, as the registry has them.
Exit status: 0 when every node became active (and none was taken for dead, and --verify found nothing), else 1. The result goes to
standard output, progress to standard error. Ctrl-C ends the run and prints what is there so far.`;

export const NO_BROKERS = `--transport kafka: KAFKA_BROKERS is not set. These two commands bring a Kafka up and point at it; --transport http needs none:

  npm run stack -- up
  eval "$(npm run --silent stack -- env)"`;

const DEFAULT_URL = 'http://127.0.0.1:3000';

/** How the nodes speak with the registry. */
export type Via =
  | {
      readonly kind: 'kafka';
      readonly brokers: readonly string[];
      readonly topicPrefix: string;
      readonly security?: KafkaSecurity;
    }
  | { readonly kind: 'http'; readonly url: string };

export type FleetOptions = {
  readonly nodes: number;
  /** Introspections per second; undefined: at full speed. */
  readonly rate: number | undefined;
  readonly prefix: string;
  /** The ids were never used before, so nothing that is said about them can stem from another run. */
  readonly freshIds: boolean;
  readonly duplicate: boolean;
  readonly verify: boolean;
  readonly timeoutMs: number;
  readonly json: boolean;
  /** How long nodes go on with heartbeats once all are active; 0: none are sent. */
  readonly heartbeatsMs: number;
  readonly transport: Via;
  /** The file of the key that they sign with; undefined: nothing is signed. */
  readonly signWith: string | undefined;
};

export type Parsed =
  | { readonly kind: 'run'; readonly options: FleetOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** `runId` makes the ids of this run its own. Every problem is told at once. */
export function parseOptions(args: readonly string[], env: Environment, runId: string): Parsed {
  let values: ReturnType<typeof parsed>;
  try {
    values = parsed(args);
  } catch (error) {
    return { kind: 'refused', problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help) return { kind: 'help' };

  const problems: string[] = [];
  const number = (
    name: 'nodes' | 'rate' | 'timeout' | 'heartbeats',
    text: string,
    from: number,
    to: number,
    whole: boolean,
  ): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value >= from && value <= to) || (whole && !Number.isInteger(value))) {
      problems.push(`--${name} ${text}: expected a ${whole ? 'whole ' : ''}number from ${from} to ${to}`);
    }
    return value;
  };
  if (values.nodes === undefined) problems.push('--nodes is missing: how many nodes?');
  const nodes = number('nodes', values.nodes ?? '1', 1, 1_000_000, true);
  const rate = values.rate === undefined ? undefined : number('rate', values.rate, 0.01, 1_000_000, false);
  const timeoutMs = number('timeout', values.timeout, 1, 86_400, false) * 1000;
  const heartbeatsMs =
    values.heartbeats === undefined ? 0 : number('heartbeats', values.heartbeats, 1, 86_400, false) * 1000;
  const prefix = values.prefix ?? `fleet-${runId}`;
  if (!NODE_ID_PATTERN.test(prefix) || prefix.length > 240) {
    problems.push(`--prefix ${prefix}: 1-240 letters, digits, ".", "_" or "-", and begin with a letter or digit`);
  }
  const transport = viaOf(values.transport, values.url, env);
  if (typeof transport === 'string') problems.push(transport);
  if (problems.length > 0 || typeof transport === 'string') return { kind: 'refused', problems };
  const { duplicate, verify, json, sign: signWith } = values;
  const freshIds = values.prefix === undefined;
  return {
    kind: 'run',
    options: { nodes, rate, prefix, freshIds, duplicate, verify, timeoutMs, json, heartbeatsMs, transport, signWith },
  };
}

/** The way to the registry, or what is wrong with it. */
function viaOf(named: string | undefined, url: string | undefined, env: Environment): Via | string {
  const brokers = (env['KAFKA_BROKERS'] ?? '').split(',').map((broker) => broker.trim()).filter((broker) => broker !== ''); // prettier-ignore
  const kind = named ?? (brokers.length > 0 && url === undefined ? 'kafka' : 'http');
  switch (kind) {
    case 'kafka':
      if (url !== undefined) return '--url: only --transport http has one';
      return brokers.length === 0 ? NO_BROKERS : kafkaVia(brokers, env);
    case 'http': {
      const [name, where] = url === undefined ? ['ROLLCALL_URL', env['ROLLCALL_URL'] || DEFAULT_URL] : ['--url', url];
      const isHttp = URL.canParse(where) && /^https?:$/.test(new URL(where).protocol);
      return isHttp ? { kind, url: where } : `${name} ${where}: expected a URL such as ${DEFAULT_URL}`;
    }
    default:
      return `--transport ${kind}: expected kafka or http`;
  }
}

function kafkaVia(brokers: readonly string[], env: Environment): Via | string {
  const via = { kind: 'kafka', brokers, topicPrefix: env['TOPIC_PREFIX'] || 'dev.onex' } as const;
  const security = kafkaSecurity(env);
  if (typeof security === 'string') return security;
  return security === null ? via : { ...via, security };
}

function parsed(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      nodes: { type: 'string' },
      rate: { type: 'string' },
      transport: { type: 'string' },
      url: { type: 'string' },
      heartbeats: { type: 'string' },
      prefix: { type: 'string' },
      sign: { type: 'string' },
      duplicate: { type: 'boolean', default: false },
      verify: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
