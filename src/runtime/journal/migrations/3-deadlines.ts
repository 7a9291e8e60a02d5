import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the scanner and the heartbeats need. `deadline_after_ms`: how long the deadline was armed for, so that a heartbeat can arm
 * it again without reading the state. The index knows which rows have a deadline, and not when it is due: that column moves with
 * every heartbeat, and such an update has to stay in its page (HOT). `expiry_guard` has one row: whether mass expiry is held back.
 */
export class Deadlines1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table machine_states add column deadline_after_ms integer');
    await runner.query(`
      update machine_states
      set deadline_after_ms = greatest(1000, (extract(epoch from deadline_at - updated_at) * 1000)::integer)
      where deadline_at is not null`);
    await runner.query(`
      create index machine_states_by_deadline_kind on machine_states (deadline_kind, node_id)
      where machine = 'orchestrator' and deadline_kind is not null`);
    await runner.query(`
      create table expiry_guard (
        one boolean primary key default true check (one),
        held_since timestamptz,
        expiring integer not null default 0,
        live integer not null default 0,
        released_until timestamptz,
        announcement json
      )`);
    await runner.query('insert into expiry_guard default values');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table expiry_guard');
    await runner.query('drop index machine_states_by_deadline_kind');
    await runner.query('alter table machine_states drop column deadline_after_ms');
  }
}
