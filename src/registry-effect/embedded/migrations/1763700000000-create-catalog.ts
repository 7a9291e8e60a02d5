import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What Consul would hold: synthetic nodes, and one service with one check for each registered node. A node that has left
 * keeps its row, marked as not present, so that its revision goes on fencing.
 */
export class CreateCatalog1763700000000 implements MigrationInterface {
  readonly name = 'CreateCatalog1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    // One row, raised by every write and locked until that commits: whoever has read an index has seen all that is below it.
    await runner.query(`
      CREATE TABLE catalog_index (
        one boolean PRIMARY KEY DEFAULT true CONSTRAINT catalog_index_one_row CHECK (one),
        value bigint NOT NULL
      ) WITH (fillfactor = 10)`);
    await runner.query('INSERT INTO catalog_index (value) VALUES (1)');
    await runner.query(`
      CREATE TABLE catalog_nodes (
        node text PRIMARY KEY,
        address text NOT NULL,
        meta jsonb NOT NULL,
        create_index bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE catalog_services (
        node_id varchar(255) PRIMARY KEY,
        present boolean NOT NULL,
        revision bigint NOT NULL,
        node text,
        service_id text,
        service_name text,
        address text,
        port integer,
        tags jsonb,
        folded_tags jsonb,
        meta jsonb,
        check_id text,
        check_name text,
        check_status varchar(16)
          CONSTRAINT catalog_services_check_status_known CHECK (check_status IN ('critical', 'passing')),
        check_output text,
        only_health boolean,
        create_index bigint,
        modify_index bigint,
        check_modify_index bigint,
        CONSTRAINT catalog_services_present_is_described CHECK (
          NOT present OR (
            node, service_id, service_name, address, port, tags, folded_tags, meta, check_id, check_name,
            check_status, check_output, only_health, create_index, modify_index, check_modify_index
          ) IS NOT NULL
        )
      ) WITH (fillfactor = 80)`); // room for a new version of a row beside the old one
    await runner.query('CREATE INDEX catalog_services_by_name ON catalog_services (service_name) WHERE present');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE catalog_services, catalog_nodes, catalog_index');
  }
}
