import type { Pool } from 'pg';

/** A registration as the stub and `rP` write it: about 600 bytes, and what the journal keeps beside it. JSON as text. */
export type Row = {
  readonly nodeId: string;
  readonly record: string;
  readonly eventId: string;
  readonly input: string;
};

export async function createTables(pool: Pool): Promise<void> {
  await pool.query(`
    create table registrations (
      node_id text primary key, state text not null, record json, updated_at timestamptz not null
    ) with (fillfactor = 80)`);
  await pool.query(`
    create table journal (
      id bigint generated always as identity primary key, node_id text not null, event_id uuid not null, input json not null,
      recorded_at timestamptz not null
    )`);
}

const JOURNAL = `journalled as (
  insert into journal (node_id, event_id, input, recorded_at) select node_id, event_id, input, clock_timestamp() from input)`;

/** One statement, hence one transaction: a row and a journal row for each. */
export async function writeRegistered(pool: Pool, rows: readonly Row[]): Promise<void> {
  await pool.query({
    name: 'registered',
    text: `
      with input as (
        select * from unnest($1::text[], $2::json[], $3::uuid[], $4::json[]) as i(node_id, record, event_id, input)
      ), ${JOURNAL}
      insert into registrations as r (node_id, state, record, updated_at)
      select node_id, 'registered', record, clock_timestamp() from input order by node_id
      on conflict (node_id) do update set state = excluded.state, record = excluded.record, updated_at = excluded.updated_at`,
    values: [rows.map((row) => row.nodeId), rows.map((row) => row.record), rows.map((row) => row.eventId), rows.map((row) => row.input)], // prettier-ignore
  });
}

export async function writeActive(pool: Pool, rows: readonly Omit<Row, 'record'>[]): Promise<void> {
  await pool.query({
    name: 'active',
    text: `
      with input as (select * from unnest($1::text[], $2::uuid[], $3::json[]) as i(node_id, event_id, input)), ${JOURNAL}
      update registrations r set state = 'active', updated_at = clock_timestamp() from input where r.node_id = input.node_id`,
    values: [rows.map((row) => row.nodeId), rows.map((row) => row.eventId), rows.map((row) => row.input)],
  });
}
