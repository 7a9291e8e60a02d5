/**
 * `npm run chaos`: faults on the real stack. It brings its own servers, replicas and fleet, breaks them in a sequence that follows
 * from a seed, and judges what is left by the invariants in `invariants/`. See docs/chaos.md.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorText } from '../messages/index.js';
import { HELP, MAX_SEED, parseOptions, type ChaosOptions } from './options.js';
import { textOf } from './report-text.js';
import { Interrupted, run } from './run.js';

const INTERRUPTED = 130;

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), Math.floor(Math.random() * MAX_SEED));
  switch (parsed.kind) {
    case 'help':
      print(HELP);
      return 0;
    case 'refused':
      for (const problem of parsed.problems) complain(problem);
      complain('npm run chaos -- --help lists the options');
      return 2;
    case 'run':
      return runWith(parsed.options);
  }
}

async function runWith(options: ChaosOptions): Promise<number> {
  const began = Date.now();
  const say = (text: string): void => {
    complain(`[${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s] ${text}`);
  };
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      say('interrupted: cleaning up');
      abort.abort(new Interrupted(`interrupted by ${name}`));
    });
  }
  // Whatever goes wrong anywhere, what was started has to be ended.
  process.on('uncaughtException', (error) => abort.abort(error));
  process.on('unhandledRejection', (error) => abort.abort(error));
  try {
    const report = await run({ options, root: fileURLToPath(new URL('../..', import.meta.url)), say, abort });
    if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    print(textOf(report));
    return report.ok ? 0 : 1;
  } catch (error) {
    if (error instanceof Interrupted) return INTERRUPTED;
    complain(`the run could not be made: ${errorText(error, 4000)}`);
    return 1;
  }
}

const code = await main();
// All is ended and wiped by now. Not left to Node: where connections were reset while they were being closed, its own end of a process
// waits for their handles for ever (seen on 20.20.2).
process.stdout.write('', () => process.exit(code));
