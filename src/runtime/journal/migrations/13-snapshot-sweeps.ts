import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How far the first filling of a topic of snapshots has come. `claim` names who publishes a page now, until `claimed_until`; `log_end` is
 * where the topic ended when all was published: one that ends earlier is another topic of the same name.
 */
export class SnapshotSweeps1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table snapshot_sweeps (
        topic text primary key,
        after_node_id text not null default '',
        claim uuid,
        claimed_until timestamptz,
        finished_at timestamptz,
        log_end bigint
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table snapshot_sweeps');
  }
}
