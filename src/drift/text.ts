import type { BackendDrift, Drift, Held, Item, Repair } from './answers.js';

type Row = readonly (string | number)[];

/** The state of affairs, for a person: a line for each backend, then the entries. */
export function textOf({ backends, items, nextCursor }: Drift): string {
  if (backends.length === 0) return 'no audit yet: the first begins as soon as a process with a backend is ready';
  return [
    ...table([
      ['backend', 'status', 'nodes', 'missing', 'altered', 'ghost', 'foreign', 'on their way', 'audited'],
      ...backends.map(backendRow),
    ]),
    ...backends.flatMap(({ backend, cutOff, held }) => [
      ...(cutOff === null ? [] : [`${backend}: the audit was cut off: ${cutOff}`]),
      ...held.map((one) => heldLine(backend, one)),
    ]),
    ...(items.length === 0 ? [] : ['', ...table([ITEM_HEAD, ...items.map(itemRow)])]),
    ...(nextCursor === null ? [] : ['and more; --limit says how many to list']),
  ].join('\n');
}

/** What became of a request. */
export function repairText({ id, status, dryRun, outcome }: Repair): string {
  if (status !== 'done') return `repair ${id} is ${status}; GET /v1/drift/repairs/${id} tells how it goes`;
  return outcome
    .flatMap(({ backend, matching, repairs, held, cutOff }) => [
      `${backend}: ${matching} entries differ, ${repairs} ${dryRun ? 'would be repaired' : 'repairs asked for'}`,
      ...(cutOff === null ? [] : [`${backend}: the audit was cut off: ${cutOff}`]),
      ...held.map((one) => heldLine(backend, one)),
    ])
    .join('\n');
}

const ITEM_HEAD: Row = ['backend', 'node', 'drift', 'revision', 'found', 'differs in', 'since'];

function backendRow({ backend, status, compared, counts, unsettled, finishedAt }: BackendDrift): Row {
  const { missing, altered, ghost, foreign } = counts;
  return [backend, status, compared, missing, altered, ghost, foreign, unsettled, finishedAt];
}

function itemRow({ backend, nodeId, drift, revision, foundRevision, differences, firstSeenAt }: Item): Row {
  return [backend, nodeId, drift, revision ?? '-', foundRevision ?? '-', differences.join(' ') || '-', firstSeenAt];
}

function heldLine(backend: string, { entries, text }: Held): string {
  return `${backend}: ${entries} not repaired: ${text}`;
}

/** Columns as wide as what is in them; names of foreign entries are other people's, and stay on their line. */
function table(rows: readonly Row[]): readonly string[] {
  const texts = rows.map((row) => row.map((cell) => String(cell).replace(/\p{C}/gu, '?')));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  return texts.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
