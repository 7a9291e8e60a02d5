import type { JsonObject } from '../../messages/index.js';
import type { Database } from '../../runtime/index.js';
import type { HistoryItem, Page } from './node.js';
import { historyItem, type HistoryRow } from './node-history.js';
import { rowsOf } from './query.js';

/** What was published because of a step. */
export type StepOutput = { readonly eventId: string; readonly eventType: string; readonly payload: JsonObject };

/** A step of either machine, with the message that it took and those that came of it; payloads as they are on the wire. */
export type NodeStep = HistoryItem & {
  /** `orchestrator`: decides the workflow. `reducer`: says what both backends are to hold. */
  readonly machine: 'orchestrator' | 'reducer';
  /** Whether it changed anything. */
  readonly ignored: boolean;
  /** Who sent the message. */
  readonly source: string | null;
  readonly payload: JsonObject;
  readonly outputs: readonly StepOutput[];
};

type Row = HistoryRow & {
  readonly machine: NodeStep['machine'];
  readonly ignored: boolean;
  /** JSON as text: it is parsed here, not by the connection of the lanes. */
  readonly input: string;
  readonly outputs: string;
};

/** Steps of a node's machines before journal entry `before` (null: the end), the newest first. Empty for an unknown node. */
export async function nodeSteps(
  database: Database,
  nodeId: string,
  { limit, before }: { readonly limit: number; readonly before: string | null },
): Promise<Page<NodeStep, string>> {
  const rows = await rowsOf<Row>(database, { name: 'node-steps', text: STEPS, values: [nodeId, before, limit + 1] });
  const page = rows.slice(0, limit);
  return { items: page.map(stepOf), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/**
 * Payloads can be large, so they are read of the page alone. `offset 0` keeps PostgreSQL from walking the whole journal back by
 * its id in search of one node.
 */
const STEPS = `
  with page as materialized (
    select id from (
      select id from journal where machine in ('orchestrator', 'reducer') and node_id = $1 offset 0
    ) as own
    where $2::bigint is null or id < $2::bigint
    order by id desc limit $3
  )
  select j.id, j.machine, j.version, j.event_id, j.event_type, j.rule, j.from_status, j.path, j.to_status, j.occurred_at,
    j.correlation_id, j.causation_id, j.state_after is null as ignored, j.input::text as input, j.outputs::text as outputs
  from journal as j
  where j.id = any(array(select id from page))
  order by j.id desc`;

type Envelope = {
  readonly event_id: string;
  readonly event_type: string;
  readonly source_node_id?: string;
  readonly payload: JsonObject;
};

function stepOf(row: Row): NodeStep {
  const input = JSON.parse(row.input) as Envelope;
  const outputs = JSON.parse(row.outputs) as readonly { readonly message: Envelope }[];
  return {
    machine: row.machine,
    ...historyItem(row),
    ignored: row.ignored,
    source: input.source_node_id ?? null,
    payload: input.payload,
    outputs: outputs.map(({ message }) => ({
      eventId: message.event_id,
      eventType: message.event_type,
      payload: message.payload,
    })),
  };
}
