/**
 * `npm run simulate`: the product's own orchestrator, reducer, lanes, scanner and effects, in simulated time, against simulated
 * servers, with faults that follow from a seed. See docs/simulator.md.
 */
import './time/globals.js';
import { writeFileSync } from 'node:fs';
import { failureText } from './cli/failure.js';
import { HELP, parseOptions, type Options } from './cli/options.js';
import { runSeeds } from './cli/run-seeds.js';
import { addOutcome, emptySummary, summaryText } from './cli/summary.js';
import { makePlan } from './plan/make-plan.js';
import { run } from './run.js';
import { shrink } from './shrink.js';

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const tell = (text: string): boolean => process.stderr.write(`${text}\n`);

async function simulate(options: Options): Promise<number> {
  const started = Date.now();
  if (options.seeds === 1) return one(options);
  const summary = await runSeeds(options, tell);
  const wallMs = Date.now() - started;
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ ...summary, wallMs }, null, 2)}\n`);
  const [first] = summary.failed;
  if (first !== undefined) await explain(first, options);
  say(summaryText(summary, wallMs));
  return summary.failed.length === 0 ? 0 : 1;
}

/** One seed, in this thread. */
async function one(options: Options): Promise<number> {
  const started = Date.now();
  const outcome = await run(makePlan({ seed: options.from, nodes: options.nodes }));
  if (options.trace) for (const line of outcome.trace) say(line);
  const summary = emptySummary();
  addOutcome(summary, outcome);
  const wallMs = Date.now() - started;
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ ...summary, wallMs }, null, 2)}\n`);
  if (outcome.violation !== null) await explain(options.from, options);
  say(summaryText(summary, wallMs));
  say(`trace hash ${outcome.hash}`);
  return outcome.violation === null ? 0 : 1;
}

async function explain(seed: number, options: Options): Promise<void> {
  const plan = makePlan({ seed, nodes: options.nodes });
  tell(`seed ${seed} fails; looking for a shorter plan`);
  const shortest = await shrink(plan, await run(plan), options.shrink * 1000);
  say(failureText(shortest.plan, shortest.outcome, shortest.runs, options.nodes));
}

const options = parseOptions(process.argv.slice(2));
if ('help' in options) say(HELP);
else if ('problem' in options) {
  tell(options.problem);
  tell('npm run simulate -- --help lists the options');
  process.exitCode = 2;
} else process.exitCode = await simulate(options);
