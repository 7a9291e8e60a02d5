import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Commands that came by the api, written before they are published: with the key under which a client may send them again, and
 * the message itself, so that a repetition after a crash publishes the same bytes.
 */
export class Operations1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table operations (
        id uuid primary key,
        node_id text not null,
        kind text not null check (kind in ('register', 'deregister')),
        idempotency_key text,
        request_hash text not null,
        message text not null,
        created_at timestamptz not null default clock_timestamp(),
        published_at timestamptz
      )`);
    await runner.query(
      'create unique index operations_by_key on operations (idempotency_key) where idempotency_key is not null',
    );
    await runner.query('create index operations_by_age on operations (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table operations');
  }
}
