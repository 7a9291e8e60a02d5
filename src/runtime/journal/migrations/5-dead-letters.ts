import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dead letters for operators, fed from their topic; and every time that one was sent again. */
export class DeadLetters1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dead_letters (
        id uuid primary key,
        node_id text,
        original_topic text not null,
        original_partition integer not null,
        original_offset text not null,
        original_key text,
        original_headers json not null,
        original_value text,
        value_truncated boolean not null,
        value_sha256 text,
        cause text not null,
        reason text not null,
        occurred_at timestamptz not null,
        stored_at timestamptz not null default clock_timestamp()
      )`);
    await runner.query('create index dead_letters_by_time on dead_letters (occurred_at desc, id)');
    await runner.query(`
      create table dead_letter_redrives (
        id bigint generated always as identity primary key,
        dead_letter_id uuid not null references dead_letters (id) on delete cascade,
        redriven_at timestamptz not null default clock_timestamp()
      )`);
    await runner.query('create index dead_letter_redrives_by_letter on dead_letter_redrives (dead_letter_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dead_letter_redrives');
    await runner.query('drop table dead_letters');
  }
}
