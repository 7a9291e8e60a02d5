import { Option, type Command } from 'commander';
import type { AuditEntry } from '../../api-answers/answers.js';
import { examples, wholeNumber, type Begin, type Run } from '../command.js';
import { EXIT } from '../exit.js';
import type { Column } from '../output/table.js';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from '../registry/words.js';
import { pages } from '../registry/pages.js';

type Options = {
  readonly caller?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly target?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
};

/** `rollcall audit`: who did what. */
export function auditCommand(parent: Command, begin: Begin): void {
  const audit = parent
    .command('audit')
    .summary('who did what')
    .description(
      'who commanded what, and what it came to; also who was refused; the newest first; wants the role admin',
    )
    .option('--caller <name>', 'only of this caller')
    .addOption(new Option('--action <action>', 'only requests for this').choices(AUDIT_ACTIONS))
    .addOption(new Option('--outcome <outcome>', 'only what ended so').choices(AUDIT_OUTCOMES))
    .option('--target <id>', 'only what was about the node, or other thing, with this id')
    .option('--from <time>', 'only of this time or later')
    .option('--to <time>', 'only of before this time')
    .option('--limit <n>', 'most that are listed (default: all of them)', wholeNumber(1, 10_000_000));
  examples(audit.action(begin(listAudit)), [
    ['rollcall audit --action node.deregister --target billing-7', 'who took it out'],
    ['rollcall audit --outcome refused --limit 20', 'who was turned away of late'],
  ]);
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { head: 'when', cell: ({ at }) => at },
  { head: 'caller', cell: ({ caller }) => (caller === null ? '-' : `${caller.name} (${caller.role})`) },
  { head: 'from', cell: ({ ip }) => ip },
  { head: 'action', cell: ({ action }) => action },
  { head: 'target', cell: ({ target }) => target },
  {
    head: 'outcome',
    cell: outcomeOf,
    colour: ({ outcome }) => (outcome === 'done' ? undefined : 'red'),
  },
  { head: 'times', cell: ({ count }) => count },
];

const listAudit: Run<Options> = async ({ registry, screen }, options) => {
  const { caller, action, outcome, target, from, to, limit = null } = options;
  const print = screen.list<AuditEntry>(COLUMNS);
  let count = 0;
  const query = { caller, action, outcome, target, from, to };
  for await (const items of pages<AuditEntry>(registry, '/v1/audit', query, limit)) {
    if (items.length > 0) await print(items);
    count += items.length;
  }
  if (count === 0 && !screen.json) await screen.note('no entry is like that');
  return EXIT.ok;
};

/** Without one it is under way, or the process died and nobody knows. */
function outcomeOf({ outcome, problem, status }: AuditEntry): string {
  if (outcome === null) return 'not known';
  return outcome === 'done' ? outcome : `${outcome}: ${problem ?? String(status)}`;
}
