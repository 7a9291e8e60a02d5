import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit reads the table bucket by bucket. The expression is that of `ROW_BUCKET`, as it was then. */
export class IndexCatalogByBucket1763700000001 implements MigrationInterface {
  readonly name = 'IndexCatalogByBucket1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(String.raw`
      CREATE INDEX catalog_services_by_bucket
      ON catalog_services (get_byte(sha256(replace(node_id, '\', '\\')::bytea), 0))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX catalog_services_by_bucket');
  }
}
