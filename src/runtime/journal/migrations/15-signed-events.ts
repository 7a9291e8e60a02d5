import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The key that is known of a node, beside its state, so that heartbeats can be held against it in bulk; no index knows it. And the key
 * that the registry signs with, which all its processes share.
 */
export class SignedEvents1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table machine_states add column public_key text');
    await runner.query(`
      create table registry_keys (
        purpose text primary key,
        private_key text not null,
        made_at timestamptz not null default clock_timestamp()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table registry_keys');
    await runner.query('alter table machine_states drop column public_key');
  }
}
