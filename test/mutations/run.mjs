/**
 * `npm run mutants`: plants one bug after the other into a copy of the product, and sees that the simulator or a test catches it. A bug
 * that nothing catches fails the run: then the net has a hole. The bugs are listed in mutants.mjs.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hunt } from './hunt.mjs';
import { MUTANTS } from './mutants.mjs';
import { createWorkspace, ROOT } from './workspace.mjs';

const HELP = `Plants bugs into copies of the product: the simulator or a test has to catch every one.

usage: npm run mutants -- [options]

  --only NAME[,NAME]  these alone
  --share K/N         of N shares the K-th, so that N runs have them all
  --list              names them, and plants nothing
  --jobs N            how many at a time (default: the cores)
  --json FILE         writes the report there, too
  --help

Exit: 0 every bug was caught, 1 one was not, 2 bad usage, or a hunt that fails without any bug.`;

const options = parse();
const chosen = MUTANTS.filter(({ name }) => options.only === undefined || options.only.includes(name)).filter(
  (_, index) => index % options.shares === options.share,
);
if (options.list) {
  for (const { name, about, hunt: by } of chosen)
    console.log(`${name.padEnd(34)} ${about}  [${by.test ?? 'simulator'}]`);
  process.exit(0);
}

build();
const began = Date.now();
const broken = await control(chosen);
if (broken.length > 0) {
  for (const line of broken) console.error(line);
  process.exit(2);
}
const results = await inParallel(chosen, options.jobs, run);
report(results);

/** A hunt that fails without a bug would catch everything: each is run once on the product as it is. */
async function control(mutants) {
  const hunts = [...new Map(mutants.map(({ hunt: by }) => [JSON.stringify(controlOf(by)), controlOf(by)])).values()];
  const outcomes = await inParallel(hunts, options.jobs, async (by) => {
    const workspace = createWorkspace([]);
    try {
      return { by, ...(await hunt(workspace, by)) };
    } finally {
      rmSync(workspace, { recursive: true });
    }
  });
  return outcomes
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ by, detail }) => `without any bug, ${by.test ?? 'the simulator'} fails: ${detail}${needs(by)}`);
}

function needs({ test = '' }) {
  return test.includes('.stack.') && process.env.DATABASE_URL === undefined
    ? ' (are the servers up? see stack/README.md)'
    : '';
}

function controlOf(by) {
  return by.test === undefined ? { ...by, seeds: 20 } : by;
}

async function run(mutant) {
  const started = Date.now();
  let workspace;
  try {
    workspace = createWorkspace(mutant.edits);
    const result = await hunt(workspace, mutant.hunt);
    tell(mutant, result, started);
    return { ...mutant, ...result, seconds: (Date.now() - started) / 1000 };
  } catch (error) {
    const result = { outcome: 'broken', detail: error.message };
    tell(mutant, result, started);
    return { ...mutant, ...result, seconds: 0 };
  } finally {
    if (workspace !== undefined) rmSync(workspace, { recursive: true });
  }
}

function tell({ name }, { outcome, detail }, started) {
  const word = { caught: 'caught  ', passed: 'MISSED  ', broken: 'BROKEN  ' }[outcome];
  console.log(`${word} ${name.padEnd(34)} ${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${detail}`);
}

function report(results) {
  const caught = results.filter(({ outcome }) => outcome === 'caught').length;
  const seconds = Math.round((Date.now() - began) / 1000);
  if (options.json !== undefined) {
    const rows = results.map(({ name, about, outcome, detail, seconds: took }) => ({
      name,
      about,
      outcome,
      detail,
      seconds: took,
    }));
    writeFileSync(options.json, `${JSON.stringify({ caught, of: results.length, seconds, mutants: rows }, null, 2)}\n`);
  }
  console.log(`\n${caught} of ${results.length} planted bugs caught in ${seconds} s`);
  process.exit(caught === results.length ? 0 : 1);
}

async function inParallel(items, width, work) {
  const waiting = [...items];
  const done = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) done.push(await work(item));
  };
  await Promise.all(Array.from({ length: width }, worker));
  return done;
}

function build() {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/run.mjs'), '--stale'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(2);
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        share: { type: 'string', default: '1/1' },
        list: { type: 'boolean', default: false },
        jobs: { type: 'string', default: String(availableParallelism()) },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const only = values.only?.split(',');
    const unknown = only?.filter((name) => !MUTANTS.some((mutant) => mutant.name === name)) ?? [];
    if (unknown.length > 0) throw new Error(`no such mutant: ${unknown.join(', ')}; --list names them`);
    const jobs = Number(values.jobs);
    if (!Number.isInteger(jobs) || jobs < 1)
      throw new Error(`--jobs must be a whole number above 0, not ${values.jobs}`);
    const [, share, shares] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(values.share) ?? [];
    if (shares === undefined || Number(share) > Number(shares))
      throw new Error(`--share must be such as 1/3, not ${values.share}`);
    return { ...values, only, jobs, share: Number(share) - 1, shares: Number(shares) };
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}
