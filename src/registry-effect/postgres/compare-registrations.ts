import { finding, revisionIn, type DesiredNode, type Finding } from '../drift/backend-audit.js';
import type { Queryable } from './queryable.js';
import { unnest, UPSERT_COLUMNS, valuesOf, type UpsertRequest } from './registration-row.js';
import { ROW_BUCKET } from './row-buckets.js';

/** The columns that a deactivation writes; the others stay as the last registration left them. */
const OF_DEREGISTERED: readonly string[] = ['state', 'revision', 'attempt_id'];
/** Judged by themselves: the key, the times. */
const NOT_COMPARED: readonly string[] = ['node_id', 'event_at'];
const CASTS: Readonly<Record<string, string>> = {
  capabilities: 'input.capabilities::jsonb',
  capability_tags: 'ARRAY(SELECT jsonb_array_elements_text(input.capability_tags::jsonb))',
  endpoints: 'input.endpoints::jsonb',
  metadata: 'input.metadata::jsonb',
};

const COLUMNS = UPSERT_COLUMNS.map(({ name }) => name).filter((name) => !NOT_COMPARED.includes(name));

/** The name of a column that is not as it would be written now. */
function difference(column: string): string {
  const differs = `stored.${column} IS DISTINCT FROM ${CASTS[column] ?? `input.${column}`}`;
  const applies = OF_DEREGISTERED.includes(column) ? '' : `input.state <> 'deregistered' AND `;
  return `CASE WHEN ${applies}${differs} THEN '${column}' END`;
}

/** The server compares, by what the writing casts to. Rows on either side that have no counterpart come, too. */
const TEXT = `
SELECT
  input.node_id AS desired_id, stored.node_id AS found_id, stored.state AS found_state, stored.revision AS found_revision,
  CASE WHEN input.node_id IS NULL OR stored.node_id IS NULL THEN '{}' ELSE array_remove(ARRAY[
    ${COLUMNS.map(difference).join(',\n    ')},
    CASE WHEN (stored.deregistered_at IS NULL) <> (input.state <> 'deregistered') THEN 'deregistered_at' END
  ], NULL) END AS differences
FROM (SELECT * FROM node_registrations WHERE ${ROW_BUCKET} = $${UPSERT_COLUMNS.length + 1}::integer) AS stored
FULL JOIN ${unnest(UPSERT_COLUMNS)} ON stored.node_id = input.node_id`;

type Pair = {
  readonly desired_id: string | null;
  readonly found_id: string | null;
  readonly found_state: string | null;
  readonly found_revision: string | null;
  readonly differences: readonly string[];
};

export type TableComparison = { readonly entries: number; readonly findings: readonly Finding[] };

/** Compares the rows of a bucket with the settled nodes among `desired`. Throws what the driver throws. */
export async function compareRegistrations(
  db: Queryable,
  bucket: number,
  desired: readonly DesiredNode[],
): Promise<TableComparison> {
  const settled = desired.filter((node) => node.settled);
  const values = [...valuesOf(UPSERT_COLUMNS, settled.map(asRow)), bucket];
  const { rows } = await db.query<Pair>({ name: 'registry-audit', text: TEXT, values });
  const byId = new Map(desired.map((node) => [node.nodeId, node]));
  return {
    entries: rows.filter((row) => row.found_id !== null).length,
    findings: rows.flatMap((row) => judge(row, byId.get(row.desired_id ?? row.found_id ?? '')) ?? []),
  };
}

function judge(row: Pair, node: DesiredNode | undefined): Finding | null {
  if (node === undefined) return row.found_id === null ? null : finding(row.found_id, 'foreign', {});
  if (!node.settled) return null;
  const { nodeId, revision } = node;
  const absent = node.presence === 'absent';
  // A node that has left may have no row; one that has not been there, neither.
  if (row.found_id === null) return absent ? null : finding(nodeId, 'missing', { revision });
  const { differences } = row;
  if (differences.length === 0) return null;
  const foundRevision = revisionIn(row.found_revision ?? undefined);
  const drift = absent && row.found_state !== 'deregistered' ? 'ghost' : 'altered';
  return finding(nodeId, drift, { revision, foundRevision, differences });
}

/** As the row would be written; `deregistered` is no state that an upsert asks for, but the row's of a node that has left. */
function asRow({ nodeId, attemptId, revision, presence, health, record }: DesiredNode): UpsertRequest {
  const state = presence === 'absent' ? 'deregistered' : health === 'passing' ? 'active' : 'registered';
  return {
    intent: {
      intentType: 'postgres.upsert_registration',
      nodeId,
      attemptId,
      revision,
      state: state as 'registered' | 'active',
      record,
    },
    eventTimestamp: '1970-01-01T00:00:00.000Z',
  };
}
