/**
 * `npm run bench`: what the registry reaches on the real servers of this machine, beside yardsticks of the same run. See
 * docs/benchmarks/README.md.
 */
import { errorText } from '../messages/index.js';
import { HELP, parseOptions, type BenchOptions } from './options.js';
import { tableOf } from './report/table.js';
import { run } from './run.js';
import { SCENARIOS, scenariosFor } from './scenarios/index.js';

const INTERRUPTED = 130;

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), process.env, SCENARIOS.map(({ name }) => name)); // prettier-ignore
  switch (parsed.kind) {
    case 'help':
      print(HELP);
      return 0;
    case 'refused':
      complain([...parsed.problems, 'npm run bench -- --help lists the options'].join('\n'));
      return 1;
    case 'run':
      return runWith(parsed.options);
  }
}

async function runWith(options: BenchOptions): Promise<number> {
  const began = Date.now();
  const say = (line: string): void => {
    complain(`[${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s] ${line}`);
  };
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      say('interrupted: ending what was started');
      abort.abort(new Error(`interrupted by ${name}`));
    });
  }
  try {
    const { results, failed } = await run({
      options,
      scenarios: scenariosFor(options),
      say,
      signal: abort.signal,
      onResult: (result) => {
        if (!options.json) print(`${tableOf(result)}\n`);
      },
    });
    if (options.json) print(JSON.stringify(results, null, 2));
    say(`results, tables and charts are in ${options.output}`);
    if (failed.length > 0) say(`not measured: ${failed.join(', ')}`);
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    if (abort.signal.aborted) return INTERRUPTED;
    complain(`the run could not be made: ${errorText(error, 4000)}`);
    return 1;
  }
}

const code = await main();
// Not left to Node: connections that were reset while they were being closed may keep a process alive for ever.
process.stdout.write('', () => process.exit(code));
