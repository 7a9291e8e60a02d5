import type { MigrationInterface } from 'typeorm';
import type { SqlRunner } from '../sql-runner.js';

/** What the registry remembers of every node, those that have left included. */
export class CreateNodeRegistrations1763700000000 implements MigrationInterface {
  readonly name = 'CreateNodeRegistrations1763700000000';

  async up(runner: SqlRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE node_registrations (
        node_id varchar(255) PRIMARY KEY,
        node_type varchar(32) NOT NULL
          CONSTRAINT node_registrations_node_type_known
          CHECK (node_type IN ('effect', 'compute', 'reducer', 'orchestrator')),
        node_version varchar(255) NOT NULL,
        capabilities jsonb NOT NULL,
        capability_tags text[] NOT NULL,
        endpoints jsonb NOT NULL,
        metadata jsonb NOT NULL,
        health_endpoint text,
        state varchar(32) NOT NULL
          CONSTRAINT node_registrations_state_known CHECK (state IN ('registered', 'active', 'deregistered')),
        revision bigint NOT NULL,
        attempt_id uuid NOT NULL,
        incarnation bigint,
        registered_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        deregistered_at timestamptz
      ) WITH (fillfactor = 80)`); // room for a new version of a row beside the old one
    await runner.query('CREATE INDEX node_registrations_by_tag ON node_registrations USING gin (capability_tags)');
    await runner.query('CREATE INDEX node_registrations_by_state ON node_registrations (state, node_id)');
    await runner.query('CREATE INDEX node_registrations_by_type ON node_registrations (node_type, node_id)');
  }

  async down(runner: SqlRunner): Promise<void> {
    await runner.query('DROP TABLE node_registrations');
  }
}
