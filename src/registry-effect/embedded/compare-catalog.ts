import { asRegistration, checkDifferences, sameTags, serviceDifferences } from '../consul/entry-differences.js';
import { finding, revisionIn, type DesiredNode, type EntryName, type Finding } from '../drift/backend-audit.js';
import { nameOfEntry } from '../drift/buckets.js';
import type { Queryable } from '../postgres/queryable.js';
import { ROW_BUCKET } from '../postgres/row-buckets.js';
import { catalogRow, foldedTags } from './catalog-row.js';

const TEXT = `
SELECT catalog_services.*, catalog_nodes.node IS NOT NULL AS has_node
FROM catalog_services LEFT JOIN catalog_nodes USING (node)
WHERE ${ROW_BUCKET} = $1::integer`;

type Described = {
  readonly node: string;
  readonly service_id: string;
  readonly service_name: string;
  readonly address: string;
  readonly port: number;
  /** JSON, and not what it ought to be where somebody has laid hands on it. */
  readonly tags: unknown;
  readonly folded_tags: unknown;
  readonly meta: unknown;
  readonly check_id: string;
  readonly check_name: string;
  readonly check_status: string;
  readonly check_output: string;
};

type Row = { readonly node_id: string; readonly revision: string; readonly has_node: boolean } & (
  | ({ readonly present: true } & Described)
  /** Left behind as a fence. */
  | { readonly present: false }
);

export type CatalogComparison = { readonly entries: number; readonly findings: readonly Finding[] };

/** Compares the rows of a bucket with the settled nodes among `desired`. Throws what the driver throws. */
export async function compareCatalog(
  db: Queryable,
  {
    bucket,
    desired,
    registryId,
  }: {
    readonly bucket: number;
    readonly desired: readonly DesiredNode[];
    readonly registryId: string;
  },
): Promise<CatalogComparison> {
  const { rows } = await db.query<Row>({ name: 'catalog-audit', text: TEXT, values: [bucket] });
  const found = new Map(rows.map((row) => [row.node_id, row]));
  const known = new Set(desired.map(({ nodeId }) => nodeId));
  return {
    entries: rows.filter(({ present }) => present).length,
    findings: [
      ...desired.flatMap((node) => (node.settled ? (judge(node, found.get(node.nodeId), registryId) ?? []) : [])),
      ...rows.flatMap((row) => (known.has(row.node_id) ? [] : (judgeUnknown(row, registryId) ?? []))),
    ],
  };
}

/** `foundRevision` is that of the row: it fences, whatever the service says. */
function judge(node: DesiredNode, row: Row | undefined, registryId: string): Finding | null {
  const { nodeId, revision } = node;
  if (row === undefined) return node.presence === 'absent' ? null : finding(nodeId, 'missing', { revision });
  const foundRevision = revisionIn(row.revision);
  const both = { revision, foundRevision };
  const fence = foundRevision === revision ? [] : ['revision'];
  if (node.presence === 'absent') {
    if (row.present) return finding(nodeId, 'ghost', { ...both, differences: ['present'], entry: entryName(row) });
    return fence.length === 0 ? null : finding(nodeId, 'altered', { ...both, differences: fence });
  }
  if (!row.present) return finding(nodeId, 'missing', { ...both, differences: ['present'] });
  const differences = [...fence, ...rowDifferences(node, row, registryId)];
  return differences.length === 0 ? null : finding(nodeId, 'altered', { ...both, differences });
}

function rowDifferences(node: DesiredNode, row: Extract<Row, { present: true }>, registryId: string): string[] {
  const expected = catalogRow({ intent: asRegistration(node), eventTimestamp: '' }, registryId);
  const service = {
    ID: row.service_id,
    Service: row.service_name,
    Tags: listOf(row.tags),
    Address: row.address,
    Port: row.port,
    Meta: metaOf(row.meta),
  };
  const check = {
    CheckID: row.check_id,
    Name: row.check_name,
    Status: row.check_status,
    Output: row.check_output,
    ServiceID: row.service_id,
  };
  return [
    ...(row.has_node && row.node === expected.node.Node ? [] : ['node']),
    ...serviceDifferences(expected.service, service, node),
    ...(sameTags(foldedTags(expected.service.Tags), listOf(row.folded_tags)) ? [] : ['folded_tags']),
    ...checkDifferences({ ...expected.check, ServiceID: row.service_id }, check),
  ];
}

function judgeUnknown(row: Row, registryId: string): Finding | null {
  if (!row.present) return null;
  const entry = entryName(row);
  const nodeId = nameOfEntry(row.node_id, row.service_id);
  if (metaOf(row.meta)['owner'] !== registryId) return finding(nodeId, 'foreign', { entry });
  return finding(nodeId, 'ghost', { foundRevision: revisionIn(row.revision), entry });
}

function listOf(tags: unknown): readonly string[] {
  return Array.isArray(tags) ? tags.map(String) : [];
}

function metaOf(meta: unknown): Readonly<Record<string, string>> {
  return typeof meta === 'object' && meta !== null ? (meta as Record<string, string>) : {};
}

function entryName(row: Described): EntryName {
  return { consulNode: row.node, serviceId: row.service_id, serviceName: row.service_name };
}
