import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The log: its records, its end, and the consumer groups with how far they have come in each topic. Positions count
 * through all topics; what is appended later has a higher one.
 */
export class Bus1700000100001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table bus_records (
        position bigint primary key,
        topic text not null,
        key bytea,
        value bytea,
        headers json not null,
        appended_at timestamptz(3) not null
      )`);
    await runner.query('create index bus_records_of_topic on bus_records (topic, position)');
    // Values are JSON that is read once or twice and then deleted: packing them costs more than it saves.
    await runner.query('alter table bus_records alter column value set storage external');
    await runner.query(`
      create table bus_end (
        singleton boolean primary key default true check (singleton),
        position bigint not null,
        appended_at timestamptz(3) not null
      ) with (fillfactor = 10)`);
    await runner.query(`insert into bus_end (position, appended_at) values (0, 'epoch')`);
    await runner.query(`
      create table bus_groups (
        name text primary key,
        owner uuid,
        leased_until timestamptz,
        seen_at timestamptz not null default clock_timestamp()
      )`);
    await runner.query(`
      create table bus_offsets (
        group_name text not null references bus_groups (name) on delete cascade,
        topic text not null,
        committed bigint not null,
        primary key (group_name, topic)
      ) with (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table bus_offsets, bus_groups, bus_end, bus_records');
  }
}
