import type { Database, DriftKind, Finding } from '../../runtime/index.js';
import type { BackendDrift } from './drift-status.js';
import type { Page } from './node.js';
import { rowsOf } from './query.js';

/** An entry that is not as desired, as the last audit found it. Times are RFC 3339, UTC. */
export type DriftItem = Finding & {
  readonly backend: BackendDrift['backend'];
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
};

export type DriftFilter = {
  readonly backend?: BackendDrift['backend'] | undefined;
  readonly drift?: DriftKind | undefined;
  readonly nodeId?: string | undefined;
};

type Row = {
  readonly backend: BackendDrift['backend'];
  readonly node_id: string;
  readonly entry_name: string;
  readonly entry: Finding['entry'];
  readonly drift: DriftKind;
  readonly revision: number | null;
  readonly found_revision: string | null;
  readonly differences: readonly string[];
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
};

/** Findings by backend, node id and entry, behind `after`, a position that an earlier page gave. */
export async function driftFindings(
  database: Database,
  { backend, drift, nodeId }: DriftFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<Page<DriftItem, string>> {
  const values: unknown[] = [];
  const value = (what: unknown): string => `$${values.push(what)}`;
  const conditions = ['true'];
  if (backend !== undefined) conditions.push(`backend = ${value(backend)}`);
  if (drift !== undefined) conditions.push(`drift = ${value(drift)}`);
  if (nodeId !== undefined) conditions.push(`node_id = ${value(nodeId)}`);
  if (after !== null) {
    conditions.push(`(backend, node_id, entry_name) > (${placeOf(after).map(value).join(', ')})`);
  }
  const text = `
    select backend, node_id, entry_name, entry, drift, revision, found_revision, differences, first_seen_at, last_seen_at
    from drift_findings where ${conditions.join(' and ')}
    order by backend, node_id, entry_name limit ${value(limit + 1)}`;
  const rows = await rowsOf<Row>(database, { text, values });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(itemOf),
    next: rows.length > limit && last !== undefined ? positionOf(last) : null,
  };
}

/** Names of foreign entries may have any characters. */
function positionOf({ backend, node_id: nodeId, entry_name: entry }: Row): string {
  return [backend, nodeId, entry].map(encodeURIComponent).join('/');
}

function placeOf(position: string): readonly string[] {
  return position.split('/').map(decodeURIComponent);
}

function itemOf(row: Row): DriftItem {
  const { backend, node_id: nodeId, drift, revision, differences, entry } = row;
  return {
    backend,
    nodeId,
    drift,
    revision,
    foundRevision: row.found_revision === null ? null : Number(row.found_revision),
    differences,
    entry,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
  };
}
