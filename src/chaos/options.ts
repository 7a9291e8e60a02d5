import { parseArgs } from 'node:util';

export const HELP = `Breaks a running registry in every way there is, and looks whether anything was lost.

  npm run chaos -- --minutes M [options]

Starts Kafka, Consul, PostgreSQL and two replicas of Rollcall of its own, in a temporary folder and on free ports, and a fleet that
registers, restarts, changes and leaves without pause. Meanwhile processes are killed, frozen and restarted, connections are cut,
refused, slowed and swallowed, rubbish is written to every topic, the topic of dead letters takes none, and what the registry keeps in
Consul and PostgreSQL is damaged or deleted. At the end the faults stop, the registry comes to rest, and what the topics, the database
and Consul hold is judged. All is wiped then.

  --minutes M      how long faults go on (0.1 to 1440)
  --seed N         which sequence of faults (0 to 4294967295); default: one of chance, which the report tells
  --plan ci        the short fixed sequence of CI in place of --minutes: every kind of fault once, a little over a minute
  --plan kills     in place of --minutes: kill -9 of every process in turn, each when the registry has recovered from the one before;
                   for a large fleet, such as --plan kills --nodes 5000 --rate 100
  --nodes N        size of the fleet (10 to 20000); default 200
  --rate R         starts, restarts, changes and goodbyes of nodes per second (0.1 to 500); default 5
  --quiet-within S how long the registry may take to come to rest when the faults end, in seconds; default 180
  --json FILE      also writes the report as JSON
  --keep           leaves the folder with all logs and data, and says where it is; a failure leaves its logs in any case
  --help

Exit status: 0 when every invariant holds, 1 when one does not or the run could not be made, 2 for a mistake in the options. The
report goes to standard output, progress to standard error. Ctrl-C ends the run and wipes everything.`;

export const FIXED_PLANS = ['ci', 'kills'] as const;
export type FixedPlan = (typeof FIXED_PLANS)[number];

export type ChaosOptions = {
  readonly seed: number;
  /** A fixed sequence, or one that follows from the seed for so long. */
  readonly plan: { readonly kind: FixedPlan } | { readonly kind: 'seeded'; readonly minutes: number };
  readonly nodes: number;
  readonly actionsPerSecond: number;
  readonly quietWithinMs: number;
  readonly jsonFile: string | undefined;
  readonly keep: boolean;
};

export type Parsed =
  | { readonly kind: 'run'; readonly options: ChaosOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

export const MAX_SEED = 2 ** 32 - 1;

/** Every problem is told at once. `anySeed` is taken where none is given. */
export function parseOptions(args: readonly string[], anySeed: number): Parsed {
  let values: ReturnType<typeof parsed>;
  try {
    values = parsed(args);
  } catch (error) {
    return { kind: 'refused', problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help) return { kind: 'help' };
  const problems: string[] = [];
  const number = (name: string, text: string, from: number, to: number, whole = false): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value >= from && value <= to) || (whole && !Number.isInteger(value))) {
      problems.push(`--${name} ${text}: expected a ${whole ? 'whole ' : ''}number from ${from} to ${to}`);
    }
    return value;
  };
  const fixed = FIXED_PLANS.find((name) => name === values.plan);
  if (values.plan !== undefined && fixed === undefined) {
    problems.push(`--plan ${values.plan}: there are ${FIXED_PLANS.join(' and ')}`);
  }
  if (values.plan === undefined && values.minutes === undefined) {
    problems.push('--minutes is missing: how long are faults to go on? (or --plan ci, --plan kills)');
  }
  if (values.plan !== undefined && values.minutes !== undefined) problems.push('--minutes: --plan has its own length');
  const minutes = number('minutes', values.minutes ?? '1', 0.1, 1440);
  const options: ChaosOptions = {
    seed: number('seed', values.seed ?? String(anySeed), 0, MAX_SEED, true),
    plan: fixed === undefined ? { kind: 'seeded', minutes } : { kind: fixed },
    nodes: number('nodes', values.nodes, 10, 20_000, true),
    actionsPerSecond: number('rate', values.rate, 0.1, 500),
    quietWithinMs: number('quiet-within', values['quiet-within'], 10, 3600) * 1000,
    jsonFile: values.json,
    keep: values.keep,
  };
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'run', options };
}

function parsed(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      plan: { type: 'string' },
      nodes: { type: 'string', default: '200' },
      rate: { type: 'string', default: '5' },
      'quiet-within': { type: 'string', default: '180' },
      json: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
