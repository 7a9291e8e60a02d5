import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For the compaction of snapshots: whether a key has a newer record. No other topic is in it. */
export class NewestOfKey1700000100002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index bus_records_of_key on bus_records (topic, key, position)
      where topic like '%.snapshot.node-registrations.v1'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index bus_records_of_key');
  }
}
