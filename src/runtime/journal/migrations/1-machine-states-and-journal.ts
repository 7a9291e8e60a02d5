import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * State and journal. JSON is kept as text (`json`), never as `jsonb`: a replay has to give the same bytes, and jsonb would
 * reorder keys. Rows of states leave room for in-place updates (heartbeats move two columns that no index knows).
 */
export class MachineStatesAndJournal1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table machine_states (
        machine text not null,
        node_id text not null,
        version integer not null,
        status text not null,
        state json not null,
        deadline_kind text,
        deadline_at timestamptz,
        last_heartbeat_at timestamptz,
        updated_at timestamptz not null,
        primary key (machine, node_id)
      ) with (fillfactor = 80)`);
    await runner.query(`
      create table journal (
        id bigint generated always as identity primary key,
        machine text not null,
        node_id text not null,
        event_id uuid not null,
        version integer not null,
        event_type text not null,
        input json not null,
        context json,
        rule text not null,
        from_status text not null,
        path text not null,
        to_status text not null,
        state_after json,
        outputs json not null,
        correlation_id uuid not null,
        causation_id uuid,
        occurred_at timestamptz not null,
        recorded_at timestamptz not null default clock_timestamp(),
        contract_version text not null,
        unique (machine, node_id, event_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table journal');
    await runner.query('drop table machine_states');
  }
}
