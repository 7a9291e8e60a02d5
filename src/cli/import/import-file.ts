import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import type { Column } from '../output/table.js';
import { harmless } from '../output/text-width.js';
import type { Session } from '../session.js';
import { readConsul } from './consul.js';
import { readEureka } from './eureka.js';
import type { ImportOptions } from './import-options.js';
import { readNacos } from './nacos.js';
import { planOf, type Plan, type Planned } from './plan.js';
import { Progress } from './progress.js';
import { readDocuments } from './read-documents.js';
import type { Json, Reading } from './reading.js';
import { runImport, type Imported } from './run-import.js';

const READERS: Readonly<Record<string, (documents: readonly Json[]) => Reading>> = {
  eureka: readEureka,
  nacos: readNacos,
  consul: readConsul,
};

/** With `--json`, a line for each instance: `planned`, `registered`, `partial`, `pending`, `failed`, `left_out` or `unfit`. */
export const importFile: Run<ImportOptions> = async (session, options, [source = '', file = '']) => {
  const { type: nodeType, acknowledgement, liveness, all = false, dryRun = false } = options;
  const documents = await readDocuments(file, source, session.terminal);
  const reading = READERS[source]?.(documents) ?? { instances: [], unreadable: [] };
  const plan = planOf(reading, { nodeType, acknowledgement, liveness, all });
  if (dryRun) {
    await showPlan(session, plan);
    return plan.unfit.length > 0 ? EXIT.refused : EXIT.ok;
  }
  const { counts, wasInterrupted } = await carryOut(session, plan, options);
  await showRest(session, plan);
  await session.screen.lines([summaryOf(plan, counts)]);
  if (wasInterrupted) return EXIT.unfinished;
  if (counts.failed > 0 || plan.unfit.length > 0) return EXIT.refused;
  return counts.pending > 0 && options.wait > 0 ? EXIT.unfinished : EXIT.ok;
};

type Counts = Record<Imported['outcome'], number>;

async function carryOut(
  { registry, screen, terminal }: Session,
  { planned }: Plan,
  { concurrency, wait: waitSeconds }: ImportOptions,
): Promise<{ readonly counts: Counts; readonly wasInterrupted: boolean }> {
  const counts: Counts = { registered: 0, partial: 0, pending: 0, failed: 0 };
  const progress = new Progress(terminal.err, planned.length);
  const signal = terminal.catchInterrupt();
  const settled = async (imported: Imported): Promise<void> => {
    const { nodeId, outcome, reason } = imported;
    counts[outcome] += 1;
    await screen.item({ nodeId, outcome, reason });
    await progress.step();
    if (outcome === 'failed') await screen.lines([harmless(`${nodeId}: failed: ${reason ?? 'no reason was given'}`)]);
  };
  try {
    await runImport(registry, planned, { concurrency, waitSeconds, signal, settled });
  } finally {
    const done = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (done < planned.length) {
      await screen.note(`${done} of ${planned.length} nodes are done; import the file again to go on`);
    }
  }
  return { counts, wasInterrupted: signal.aborted };
}

const COLUMNS: readonly Column<Planned>[] = [
  { head: 'node', cell: ({ body }) => body.nodeId },
  { head: 'type', cell: ({ body }) => body.nodeType },
  { head: 'version', cell: ({ body }) => body.nodeVersion ?? null },
  { head: 'endpoint', cell: ({ body }) => body.endpoints['api'] ?? null },
  { head: 'capabilities', cell: ({ body }) => body.capabilities.join(' ') },
  { head: 'changed to fit', cell: ({ notes }) => notes.join('; ') || null },
];

async function showPlan(session: Session, plan: Plan): Promise<void> {
  const { screen } = session;
  if (screen.json) {
    for (const { body, notes } of plan.planned)
      await screen.item({ nodeId: body.nodeId, outcome: 'planned', notes, body });
  } else if (plan.planned.length > 0) await screen.list(COLUMNS)(plan.planned);
  await showRest(session, plan);
  await screen.lines([
    `${plan.planned.length} would be registered, ${plan.leftOut.length} left out, ${plan.unfit.length} do not fit`,
  ]);
}

/** What is not imported, and why. */
async function showRest({ screen }: Session, { leftOut, unfit }: Plan): Promise<void> {
  for (const { where, why } of leftOut) {
    await screen.item({ instance: where, outcome: 'left_out', reason: why });
    await screen.lines([harmless(`left out: ${where}: ${why}`)]);
  }
  for (const { where, why } of unfit) {
    await screen.item({ instance: where, outcome: 'unfit', reason: why });
    await screen.lines([harmless(`does not fit: ${where}: ${why}`)]);
  }
}

function summaryOf({ leftOut, unfit }: Plan, { registered, partial, pending, failed }: Counts): string {
  return [
    `${registered} registered`,
    ...(partial > 0 ? [`${partial} with one backend, the other follows by itself`] : []),
    ...(pending > 0 ? [`${pending} sent and not decided yet`] : []),
    `${failed} failed`,
    `${leftOut.length} left out`,
    `${unfit.length} do not fit`,
  ].join(', ');
}
