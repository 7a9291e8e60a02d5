import { randomUUID } from 'node:crypto';
import type { SweepStore } from '../snapshots/snapshot-sweep.js';
import type { Database } from './database.js';
import { nodesAfter } from './snapshot-states.js';

/** A page takes seconds; whoever claimed it and died is not waited for longer. */
const CLAIMED_FOR_S = 30;

/** The progress of the first filling of a topic, shared by the replicas. */
export function snapshotSweeps(database: Pick<Database, 'pool'>): SweepStore {
  return {
    begin: (topic, end) => begin(database, topic, end),
    claim: (topic) => claim(database, topic),
    page: (nodeId, limit) => nodesAfter(database, nodeId, limit),
    advance: async (topic, claimed, nodeId) => {
      await database.pool.query(
        `update snapshot_sweeps set after_node_id = $3, claim = null, claimed_until = null where topic = $1 and claim = $2`,
        [topic, claimed, nodeId],
      );
    },
    finish: async (topic, claimed, end) => {
      await database.pool.query(
        `update snapshot_sweeps set finished_at = clock_timestamp(), log_end = $3, claim = null, claimed_until = null
         where topic = $1 and claim = $2`,
        [topic, claimed, String(end)],
      );
    },
  };
}

/**
 * Makes the topic known. One that ends before an end that it has had was made anew, and is filled anew; so is one that has nothing, as the
 * first filling, of a registry without nodes, ends there, too.
 */
async function begin(database: Pick<Database, 'pool'>, topic: string, end: bigint): Promise<void> {
  await database.pool.query('insert into snapshot_sweeps (topic) values ($1) on conflict do nothing', [topic]);
  await database.pool.query(
    `update snapshot_sweeps set after_node_id = '', finished_at = null, log_end = null, claim = null, claimed_until = null
     where topic = $1 and (log_end > $2 or log_end is not null and $2 = 0)`,
    [topic, String(end)],
  );
  await database.pool.query('update snapshot_sweeps set log_end = $2 where topic = $1 and log_end < $2', [
    topic,
    String(end),
  ]);
}

type Row = { readonly after_node_id: string; readonly finished: boolean; readonly claimed: boolean };

async function claim(database: Pick<Database, 'pool'>, topic: string): ReturnType<SweepStore['claim']> {
  const id = randomUUID();
  const { rows } = await database.pool.query<Row>(
    `with claimed as (
       update snapshot_sweeps
       set claim = $2, claimed_until = clock_timestamp() + interval '${CLAIMED_FOR_S} s'
       where topic = $1 and finished_at is null and coalesce(claimed_until < clock_timestamp(), true)
       returning topic
     )
     select s.after_node_id, s.finished_at is not null as finished, c.topic is not null as claimed
     from snapshot_sweeps s left join claimed c using (topic)
     where s.topic = $1`,
    [topic, id],
  );
  const [row] = rows;
  if (row === undefined || row.finished) return 'finished';
  return row.claimed ? { id, after: row.after_node_id } : 'elsewhere';
}
