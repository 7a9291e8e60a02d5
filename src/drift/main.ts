/** `npm run drift`: whether the backends hold what the registry wants them to hold, and how to mend it. Uses the REST API only. */
import type { Drift, Repair } from './answers.js';
import { HELP, parsed, type Wanted } from './options.js';
import { DriftRest, RestFailure } from './rest.js';
import { repairText, textOf } from './text.js';

const DRIFT = 1;
const FAILED = 2;

async function carryOut(wanted: Wanted): Promise<number> {
  const rest = new DriftRest(wanted);
  if (wanted.action === 'look') {
    const drift = await rest.read();
    print(wanted, drift, textOf(drift));
    return statusOf(drift, wanted);
  }
  const end = Date.now() + wanted.waitSeconds * 1000;
  const dryRun = wanted.action === 'dry_run';
  const repair = await rest.repair({ dryRun, force: wanted.force }, wanted.waitSeconds);
  if (!wanted.json) process.stdout.write(`${repairText(repair)}\n\n`);
  const drift = await afterwards(rest, repair, end);
  print(wanted, { repair, ...drift }, textOf(drift));
  return repair.status === 'done' ? statusOf(drift, wanted) : DRIFT;
}

/** What was repaired shows in the next audit, which the registry makes by itself a moment later. */
function afterwards(rest: DriftRest, { finishedAt, dryRun, outcome }: Repair, end: number): Promise<Drift> {
  const repaired = !dryRun && outcome.some(({ repairs }) => repairs > 0);
  return finishedAt !== null && repaired ? rest.readAfter(finishedAt, end) : rest.read();
}

function print({ json }: Wanted, document: object, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(document, null, 2) : text}\n`);
}

/** Before the first audit nobody knows. */
function statusOf({ backends }: Drift, { filter }: Wanted): number {
  const counted = backends.filter(({ backend }) => filter.backend === undefined || filter.backend === backend);
  const isClean = counted.every(
    ({ cutOff, counts: { missing, altered, ghost } }) => cutOff === null && missing + altered + ghost === 0,
  );
  return counted.length > 0 && isClean ? 0 : DRIFT;
}

async function main(): Promise<number> {
  const asked = parsed(process.argv.slice(2), process.env);
  switch (asked.kind) {
    case 'help':
      process.stdout.write(`${HELP}\n`);
      return 0;
    case 'wrong':
      for (const problem of asked.problems) process.stderr.write(`${problem}\n`);
      process.stderr.write('npm run drift -- --help lists the options\n');
      return FAILED;
    case 'wanted':
      return carryOut(asked.wanted);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof RestFailure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = FAILED;
}
