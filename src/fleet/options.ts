import { parseArgs } from 'node:util';
import { NODE_ID_PATTERN } from '../messages/index.js';

export const HELP = `Simulates a fleet of nodes that register with Rollcall, and measures it.

  npm run fleet -- --nodes N [options]

  --nodes N          how many nodes register (1 to 1000000)
  --rate R           introspections per second, at times fixed in advance (open loop); default: as fast as Kafka takes them
  --transport kafka  how the nodes speak with the registry
  --prefix NAME      the nodes are NAME-000001, NAME-000002, ...; default: a new name for each run, hence new nodes.
                     The same name again is the same nodes, started again.
  --duplicate        sends every introspection and every ack twice
  --verify           also reads what the registry did for each node, and checks it: INITIATED, ACCEPTED, ACK_RECEIVED,
                     BECAME_ACTIVE once each, in this order, one correlation id, an unbroken chain of causes, no message
                     under two event ids
  --timeout S        gives up when nothing has happened for S seconds; default 60
  --json             prints the result as JSON
  --help

Environment: KAFKA_BROKERS (host:port, several with commas), TOPIC_PREFIX (default dev.onex).
Exit status: 0 when every node became active (and --verify found nothing), else 1. The result goes to standard output,
progress to standard error. Ctrl-C ends the run and prints what is there so far.`;

export const NO_BROKERS = `KAFKA_BROKERS is not set. The fleet speaks through the Kafka that Rollcall uses; these two commands bring one up and point at it:

  npm run stack -- up
  eval "$(npm run --silent stack -- env)"`;

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
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
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
    name: 'nodes' | 'rate' | 'timeout',
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
  if (values.transport !== 'kafka') problems.push(`--transport ${values.transport}: only kafka is there so far`);
  const prefix = values.prefix ?? `fleet-${runId}`;
  if (!NODE_ID_PATTERN.test(prefix) || prefix.length > 240) {
    problems.push(`--prefix ${prefix}: 1-240 letters, digits, ".", "_" or "-", and begin with a letter or digit`);
  }
  const brokers = (env['KAFKA_BROKERS'] ?? '').split(',').map((broker) => broker.trim()).filter((broker) => broker !== ''); // prettier-ignore
  if (problems.length === 0 && brokers.length === 0) problems.push(NO_BROKERS);
  if (problems.length > 0) return { kind: 'refused', problems };
  const { duplicate, verify, json } = values;
  const freshIds = values.prefix === undefined;
  const topicPrefix = env['TOPIC_PREFIX'] || 'dev.onex';
  return {
    kind: 'run',
    options: { nodes, rate, prefix, freshIds, duplicate, verify, timeoutMs, json, brokers, topicPrefix },
  };
}

function parsed(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      nodes: { type: 'string' },
      rate: { type: 'string' },
      transport: { type: 'string', default: 'kafka' },
      prefix: { type: 'string' },
      duplicate: { type: 'boolean', default: false },
      verify: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
