import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export type Options = {
  /** First seed, and how many of them; null: until the time is up. */
  readonly from: number;
  readonly seeds: number | null;
  readonly minutes: number | null;
  readonly nodes: number;
  readonly workers: number;
  /** No more seeds are begun once so many have failed. */
  readonly failures: number;
  readonly trace: boolean;
  readonly json: string | null;
  /** How long a failure may be shrunk, in seconds. */
  readonly shrink: number;
};

/** So many show whether failures have one cause. */
const ENOUGH_FAILURES = 20;

export const HELP = `Runs the registry in simulated time against simulated Kafka, stores, backends and nodes, with faults that follow from a seed.

  npm run simulate -- [options]

  --seeds N      so many seeds (1000)
  --seed N       this one only
  --from N       the first of them (1)
  --minutes M    seeds until the time is up, in place of --seeds
  --nodes N      most nodes of a run (6)
  --workers N    threads (as many as there are cores)
  --failures N   stop once so many seeds have failed (20)
  --trace        prints who did what when (with --seed)
  --shrink S     seconds for finding a shorter plan that fails (20)
  --json FILE    writes the report there, too
  --help

Exit status: 0 when every invariant held, 1 when one was broken, 2 for wrong options. Progress goes to standard error.`;

/** The options, the text to print and end with, or what is wrong with them. */
export function parseOptions(
  args: readonly string[],
): Options | { readonly help: true } | { readonly problem: string } {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string' },
        from: { type: 'string' },
        minutes: { type: 'string' },
        nodes: { type: 'string' },
        workers: { type: 'string' },
        failures: { type: 'string' },
        shrink: { type: 'string' },
        json: { type: 'string' },
        trace: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values['help'] === true) return { help: true };
  const problems: string[] = [];
  const number = (name: string, least: number): number | null => {
    const text = values[name];
    if (text === undefined) return null;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && (name === 'minutes' || Number.isInteger(value))) return value;
    problems.push(`--${name} ${String(text)}: a number of at least ${least} is wanted`);
    return null;
  };
  const seed = number('seed', 0);
  const minutes = number('minutes', 0);
  const options: Options = {
    from: seed ?? number('from', 0) ?? 1,
    seeds: seed !== null ? 1 : (number('seeds', 1) ?? (minutes === null ? 1000 : null)),
    minutes,
    nodes: number('nodes', 2) ?? 6,
    workers: number('workers', 1) ?? availableParallelism(),
    failures: number('failures', 1) ?? ENOUGH_FAILURES,
    trace: values['trace'] === true,
    json: typeof values['json'] === 'string' ? values['json'] : null,
    shrink: number('shrink', 0) ?? 20,
  };
  if (options.trace && seed === null) problems.push('--trace: say which --seed');
  return problems.length > 0 ? { problem: problems.join('; ') } : options;
}
