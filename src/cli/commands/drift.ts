import { Option, type Command } from 'commander';
import type { Drift, DriftRepair } from '../../api-answers/answers.js';
import { examples, paragraphs, wholeNumber, type Begin, type Run } from '../command.js';
import { DriftRest } from '../drift/drift-rest.js';
import { repairText, textOf } from '../drift/text.js';
import { EXIT, wrongUsage, type ExitCode } from '../exit.js';

type Options = {
  readonly backend?: string;
  readonly node?: string;
  readonly drift?: string;
  readonly repair?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly wait: number;
  readonly limit: number;
};

const ABOUT = `whether Consul and PostgreSQL hold what the registry wants them to hold; repairs what differs

Without --repair and --dry-run it tells what the last audits found, and asks for nothing. Exit status 1: something of the
registry's own differs, or an audit is not complete.`;

/** `rollcall drift`, which is `npm run drift`, too. */
export function driftCommand(parent: Command, begin: Begin): void {
  const command = parent
    .command('drift')
    .summary('whether the backends hold what they are to hold; repairs what differs')
    .description(paragraphs(ABOUT))
    .addOption(new Option('--backend <name>', 'one backend only').choices(['consul', 'postgres']))
    .option('--node <id>', 'one node only')
    .addOption(
      new Option('--drift <kind>', 'one kind only (foreign entries can be listed, and are never touched)').choices([
        'missing',
        'altered',
        'ghost',
        'foreign',
      ]),
    )
    .option('--repair', 'audit at once, and repair what differs')
    .option('--dry-run', 'audit at once, and tell what --repair would do')
    .option('--force', 'repair also what is held until an operator decides')
    .option('--wait <seconds>', 'how long to wait for the outcome of an audit or repair', wholeNumber(0, 600), 30)
    .option('--limit <n>', 'entries to list', wholeNumber(1, 1000), 20);
  examples(command.action(begin(drift)), [
    ['rollcall drift', 'what the last audits found'],
    ['rollcall drift --repair --node billing-7', 'audits at once, and repairs one node'],
  ]);
}

const drift: Run<Options> = async ({ registry, screen, terminal }, options) => {
  refuseNonsense(options);
  const { backend, node: nodeId, drift: kind, dryRun = false, force = false, repair: acts = false, wait } = options;
  const rest = new DriftRest(registry, { backend, nodeId, drift: kind }, options.limit);
  const look = { colours: screen.colours, columns: terminal.out.columns };
  if (!acts && !dryRun) {
    const found = await rest.read();
    await screen.document(found, textOf(found, look));
    return codeOf(found, options);
  }
  const end = Date.now() + wait * 1000;
  const repair = await rest.repair({ dryRun, force }, wait);
  await screen.lines([...repairText(repair), '']);
  const found = await afterwards(rest, repair, end);
  await screen.document({ repair, ...found }, textOf(found, look));
  return repair.status === 'done' ? codeOf(found, options) : EXIT.unfinished;
};

function refuseNonsense({ repair, dryRun, drift: kind, force }: Options): void {
  const acts = repair === true || dryRun === true;
  if (acts && kind === 'foreign') throw wrongUsage('--drift foreign: these entries are not ours, and never repaired');
  if (force === true && !acts) throw wrongUsage('--force goes with --repair or --dry-run');
}

/** What was repaired shows in the next audit, which the registry makes by itself a moment later. */
function afterwards(rest: DriftRest, { finishedAt, dryRun, outcome }: DriftRepair, end: number): Promise<Drift> {
  const repaired = !dryRun && outcome.some(({ repairs }) => repairs > 0);
  return finishedAt !== null && repaired ? rest.readAfter(finishedAt, end) : rest.read();
}

/** Before the first audit nobody knows. */
function codeOf({ backends }: Drift, { backend: only }: Options): ExitCode {
  const counted = backends.filter(({ backend }) => only === undefined || only === backend);
  const isClean = counted.every(
    ({ cutOff, counts: { missing, altered, ghost } }) => cutOff === null && missing + altered + ghost === 0,
  );
  return counted.length > 0 && isClean ? EXIT.ok : EXIT.refused;
}
