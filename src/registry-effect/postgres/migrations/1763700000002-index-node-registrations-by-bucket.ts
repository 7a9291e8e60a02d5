import type { MigrationInterface } from 'typeorm';
import type { SqlRunner } from '../sql-runner.js';

/** The audit reads the table bucket by bucket. The expression is that of `ROW_BUCKET`, as it was then. */
export class IndexNodeRegistrationsByBucket1763700000002 implements MigrationInterface {
  readonly name = 'IndexNodeRegistrationsByBucket1763700000002';

  async up(runner: SqlRunner): Promise<void> {
    await runner.query(String.raw`
      CREATE INDEX node_registrations_by_bucket
      ON node_registrations (get_byte(sha256(replace(node_id, '\', '\\')::bytea), 0))`);
  }

  async down(runner: SqlRunner): Promise<void> {
    await runner.query('DROP INDEX node_registrations_by_bucket');
  }
}
