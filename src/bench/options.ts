import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Servers } from './scenario.js';

export const HELP = `Measures Rollcall on the real servers, beside yardsticks of the same run. See docs/benchmarks/README.md.

  npm run bench -- [options]

  --quick          2 short rounds of each: to see that everything runs, not for figures
  --rounds N       rounds of each measurement, of which the median counts (1 to 100); default 5, with --quick 2
  --seconds N      length of a round of the sustained registrations (1 to 3600); default 60, with --quick 10
  --outstanding N  nodes that are on their way at any time in the sustained registrations (1 to 100000); default 1000
  --minutes N      length of the soak (1 to 1440); default 30
  --only A,B       only these scenarios
  --profile        beside the others, samples where the registry spends its own time, at full load and at 50/s, and draws flame graphs;
                   in rounds of their own, so that it costs the figures nothing. The same as naming "profile" in --only
  --output FOLDER  where results.json, the charts and the tables in README.md go; default docs/benchmarks, with --quick a folder in
                   the system's temporary one. Results of other scenarios that are there already stay
  --program FILE   the registry to measure: dist/main.js of another build; default the one beside this program
  --json           prints the results as JSON instead of as tables
  --help

Environment: KAFKA_BROKERS, CONSUL_HTTP_ADDR, DATABASE_URL (a database whose user may create others). These commands bring the servers up
and point at them:

  npm run stack -- up
  eval "$(npm run --silent stack -- env)"

The servers have to run on this machine, as CPU is read from /proc. Whatever the run makes in them it removes again. Exit status 0 when all
was measured, else 1. Tables go to standard output, progress to standard error; Ctrl-C ends the run, and removes what it made.`;

export type BenchOptions = {
  readonly quick: boolean;
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly outstanding: number;
  readonly soakMinutes: number;
  /** Names of scenarios; undefined: those of every run. */
  readonly only: readonly string[] | undefined;
  /** The scenario `profile` runs beside the others. */
  readonly profile: boolean;
  readonly output: string;
  readonly json: boolean;
  /** The registry's main.js; undefined: the one that was built with the bench. */
  readonly program: string | undefined;
  readonly servers: Servers;
};

export type Parsed =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Every problem is told at once. `scenarios` are the names that there are. */
export function parseOptions(args: readonly string[], env: Environment, scenarios: readonly string[]): Parsed {
  let values: ReturnType<typeof parsed>;
  try {
    values = parsed(args);
  } catch (error) {
    return { kind: 'refused', problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help) return { kind: 'help' };
  const problems: string[] = [];
  const whole = (name: string, text: string, to: number): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!Number.isInteger(value) || value < 1 || value > to) {
      problems.push(`--${name} ${text}: expected a whole number from 1 to ${to}`);
    }
    return value;
  };
  const { quick } = values;
  const only = values.only?.split(',').map((name) => name.trim());
  for (const name of only ?? []) {
    if (!scenarios.includes(name)) problems.push(`--only ${name}: there are ${scenarios.join(', ')}`);
  }
  if (values.program !== undefined && !existsSync(values.program))
    problems.push(`--program ${values.program}: there is no such file`);
  const options: BenchOptions = {
    quick,
    rounds: whole('rounds', values.rounds ?? (quick ? '2' : '5'), 100),
    windowSeconds: whole('seconds', values.seconds ?? (quick ? '10' : '60'), 3600),
    outstanding: whole('outstanding', values.outstanding, 100_000),
    soakMinutes: whole('minutes', values.minutes, 1440),
    only,
    profile: values.profile,
    output: values.output ?? (quick ? join(tmpdir(), 'rollcall-bench') : 'docs/benchmarks'),
    json: values.json,
    program: values.program === undefined ? undefined : resolve(values.program),
    servers: serversOf(env, problems),
  };
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'run', options };
}

function serversOf(env: Environment, problems: string[]): Servers {
  const brokers = (env['KAFKA_BROKERS'] ?? '').split(',').map((broker) => broker.trim()).filter((broker) => broker !== ''); // prettier-ignore
  const url = (name: string, example: string): string => {
    const given = env[name]?.trim() ?? '';
    const text = given === '' || given.includes('://') ? given : `http://${given}`; // as Consul's own tools take it
    if (!URL.canParse(text))
      problems.push(`${name} has to be a URL such as ${example}${text === '' ? ': it is not set' : ''}`);
    return text;
  };
  if (brokers.length === 0 || !brokers.every((broker) => /:\d+$/.test(broker))) {
    problems.push('KAFKA_BROKERS has to be host:port of one or more brokers, separated by commas');
  }
  return {
    brokers,
    consulUrl: url('CONSUL_HTTP_ADDR', 'http://127.0.0.1:8500'),
    databaseUrl: url('DATABASE_URL', 'postgres://user@127.0.0.1:5432/rollcall'),
  };
}

function parsed(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      outstanding: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '30' },
      only: { type: 'string' },
      output: { type: 'string' },
      profile: { type: 'boolean', default: false },
      program: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
