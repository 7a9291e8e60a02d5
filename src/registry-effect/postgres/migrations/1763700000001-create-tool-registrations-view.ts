import type { MigrationInterface } from 'typeorm';
import type { SqlRunner } from '../sql-runner.js';
import { toolRegistrationsView } from '../tool-registrations-view.js';

/** The view for existing readers. `createToolRegistrationsView` gives it the last heartbeats where they are at hand. */
export class CreateToolRegistrationsView1763700000001 implements MigrationInterface {
  readonly name = 'CreateToolRegistrationsView1763700000001';

  async up(runner: SqlRunner): Promise<void> {
    await runner.query(toolRegistrationsView({ withHeartbeats: false }));
  }

  async down(runner: SqlRunner): Promise<void> {
    await runner.query('DROP VIEW tool_registrations');
  }
}
