import { topicOf } from '../../messages/index.js';
import type { Database } from '../../runtime/index.js';
import type { Operation } from './operation-store.js';
import { rowsOf } from './query.js';

/** The latest dead letter that a command became. */
export type CommandLetter = {
  readonly id: string;
  readonly reason: string;
  /** It was sent again since, and what comes of that is not known yet. */
  readonly redriven: boolean;
};

/**
 * The latest dead letters of commands, by operation id. Only what came by the command's own topic with its node as key counts:
 * whoever writes an operation's id elsewhere changes nothing.
 */
export async function lettersOfCommands(
  database: Database,
  operations: readonly Pick<Operation, 'id' | 'kind' | 'nodeId'>[],
): Promise<ReadonlyMap<string, CommandLetter>> {
  const topics = operations.map(({ kind }) => topicOf(kind === 'register' ? 'REGISTER_NODE' : 'DEREGISTER_NODE'));
  const rows = await rowsOf<CommandLetter & { readonly operation_id: string }>(database, {
    name: 'letters-of-commands',
    text: LATEST,
    values: [operations.map(({ id }) => id), operations.map(({ nodeId }) => nodeId), topics],
  });
  return new Map(rows.map(({ operation_id: operation, ...letter }) => [operation, letter]));
}

const LATEST = `
  select distinct on (c.id) c.id as operation_id, d.id, d.reason,
    exists (select from dead_letter_redrives r where r.dead_letter_id = d.id) as redriven
  from unnest($1::uuid[], $2::text[], $3::text[]) as c(id, node_id, topic)
  join dead_letters d on d.original_event_id = c.id and d.node_id = c.node_id
    and right(d.original_topic, length(c.topic) + 1) = '.' || c.topic
  order by c.id, d.occurred_at desc, d.attempt desc, d.id`;
