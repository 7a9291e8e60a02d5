import type { BackendDrift, Drift, DriftFinding, DriftHeld, DriftRepair } from '../../api-answers/answers.js';
import { Table, type Column, type TableLook } from '../output/table.js';
import { harmless } from '../output/text-width.js';

/** The state of affairs, for a person: a line for each backend, then the entries. */
export function textOf({ backends, items, nextCursor }: Drift, look: TableLook): readonly string[] {
  if (backends.length === 0) return ['no audit yet: the first begins as soon as a process with a backend is ready'];
  return [
    ...new Table(BACKEND_COLUMNS, look).lines(backends),
    ...backends.flatMap(({ backend, cutOff, held }) => [
      ...(cutOff === null ? [] : [`${backend}: the audit was cut off: ${harmless(cutOff)}`]),
      ...held.map((one) => heldLine(backend, one)),
    ]),
    ...(items.length === 0 ? [] : ['', ...new Table(ITEM_COLUMNS, look).lines(items)]),
    ...(nextCursor === null ? [] : ['and more; --limit says how many to list']),
  ];
}

/** What became of a request. */
export function repairText({ id, status, dryRun, outcome }: DriftRepair): readonly string[] {
  if (status !== 'done') return [`repair ${id} is ${status}; GET /v1/drift/repairs/${id} tells how it goes`];
  return outcome.flatMap(({ backend, matching, repairs, held, cutOff }) => [
    `${backend}: ${matching} entries differ, ${repairs} ${dryRun ? 'would be repaired' : 'repairs asked for'}`,
    ...(cutOff === null ? [] : [`${backend}: the audit was cut off: ${harmless(cutOff)}`]),
    ...held.map((one) => heldLine(backend, one)),
  ]);
}

const BACKEND_COLUMNS: readonly Column<BackendDrift>[] = [
  { head: 'backend', cell: ({ backend }) => backend },
  { head: 'status', cell: ({ status }) => status, colour: ({ status }) => STATUS_COLOURS[status] },
  { head: 'nodes', cell: ({ compared }) => compared },
  { head: 'missing', cell: ({ counts }) => counts.missing },
  { head: 'altered', cell: ({ counts }) => counts.altered },
  { head: 'ghost', cell: ({ counts }) => counts.ghost },
  { head: 'foreign', cell: ({ counts }) => counts.foreign },
  { head: 'on their way', cell: ({ unsettled }) => unsettled },
  { head: 'audited', cell: ({ finishedAt }) => finishedAt },
];

const STATUS_COLOURS = { clean: 'green', drifting: 'yellow', held: 'red', incomplete: 'yellow' } as const;

const ITEM_COLUMNS: readonly Column<DriftFinding>[] = [
  { head: 'backend', cell: ({ backend }) => backend },
  { head: 'node', cell: ({ nodeId }) => nodeId },
  { head: 'drift', cell: ({ drift }) => drift },
  { head: 'revision', cell: ({ revision }) => revision },
  { head: 'found', cell: ({ foundRevision }) => foundRevision },
  { head: 'differs in', cell: ({ differences }) => differences.join(' ') || null },
  { head: 'since', cell: ({ firstSeenAt }) => firstSeenAt },
];

function heldLine(backend: string, { entries, text }: DriftHeld): string {
  return `${backend}: ${entries} not repaired: ${harmless(text)}`;
}
