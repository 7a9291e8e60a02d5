import type { Database } from '../../runtime/index.js';
import { rowsOf } from './query.js';

/** A place between two outputs of a node: the next one to read is number `index` of the entry with this version, or a later one. */
export type FeedPosition = { readonly version: number; readonly index: number };

/** Outputs that a step published, as on the wire, in their order. A node's versions grow by one with every step. */
export type FeedEntry = {
  readonly version: number;
  readonly outputs: readonly { readonly topic: string; readonly message: { readonly event_type: string } }[];
};

/** `more`: there may be others behind these; ask again. */
export type FeedPart = { readonly entries: readonly FeedEntry[]; readonly more: boolean };

type Row = {
  /** Of the question that it answers, from 1; bigint, so text. */
  readonly place: string;
  readonly version: number;
  /** JSON. */
  readonly outputs: string;
  /** Bytes of this row and all before it; numeric, so text. */
  readonly total: string;
};

/** What is asked of a node's feed: what stands there `from` a position on, and at `most` so many entries. */
export type FeedQuestion = { readonly nodeId: string; readonly from: FeedPosition; readonly most: number };

/** Together small enough to be held in memory; what is longer comes in parts. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What the journal has for each node from its position on: one statement for all. The answers stand in the order of the questions. */
export async function readFeeds(database: Database, asked: readonly FeedQuestion[]): Promise<readonly FeedPart[]> {
  const rows = await rowsOf<Row>(database, {
    name: 'node-feeds',
    text: FEEDS,
    values: [
      asked.map(({ nodeId }) => nodeId),
      asked.map(({ from }) => from.version),
      asked.map(({ most }) => most),
      MAX_BYTES,
    ],
  });
  const parts = asked.map((): FeedEntry[] => []);
  for (const { place, version, outputs } of rows) {
    parts[Number(place) - 1]?.push({ version, outputs: JSON.parse(outputs) as FeedEntry['outputs'] });
  }
  const last = rows.at(-1);
  // Behind the row that filled the answer others may have been left out.
  const cutFrom = last !== undefined && Number(last.total) >= MAX_BYTES ? Number(last.place) - 1 : asked.length;
  return parts.map((entries, index) => ({ entries, more: entries.length === asked[index]?.most || index >= cutFrom }));
}

const FEEDS = `
  select place, version, outputs, total
  from (
    select a.place, j.version, j.outputs, j.bytes,
      sum(j.bytes) over (order by a.place, j.version rows unbounded preceding) as total
    from unnest($1::text[], $2::int[], $3::int[]) with ordinality as a(node_id, version, most, place)
    cross join lateral (
      select version, outputs, octet_length(outputs) as bytes from journal
      where machine = 'orchestrator' and node_id = a.node_id and version >= a.version and outputs <> '[]'
      order by version
      limit a.most
    ) as j
  ) as parts
  where total - bytes < $4
  order by place, version`;

/** Where a feed ends now: the last step of the node's workflow, and how many outputs it has. Version 0 for an unknown node. */
export type FeedEnd = { readonly version: number; readonly outputs: number };

type EndRow = { readonly node_id: string; readonly version: number; readonly outputs: number };

export async function feedEnds(database: Database, nodeIds: readonly string[]): Promise<ReadonlyMap<string, FeedEnd>> {
  const rows = await rowsOf<EndRow>(database, { name: 'feed-ends', text: ENDS, values: [nodeIds] });
  return new Map(rows.map(({ node_id, version, outputs }) => [node_id, { version, outputs }]));
}

/** Entries of messages that were ignored have the version of the step before them, and no outputs. */
const ENDS = `
  select s.node_id, s.version, coalesce((
    select max(json_array_length(j.outputs::json)) from journal j
    where j.machine = 'orchestrator' and j.node_id = s.node_id and j.version = s.version), 0) as outputs
  from machine_states s
  where s.machine = 'orchestrator' and s.node_id = any($1::text[])`;
