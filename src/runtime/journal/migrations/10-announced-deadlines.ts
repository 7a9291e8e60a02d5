import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The input whose step has set the deadline, where the step's outputs tell the node of it: `deadline_at` is null until they are in
 * the log. Null where it began with the step. No index knows it.
 */
export class AnnouncedDeadlines1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table machine_states add column deadline_announced_by uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table machine_states drop column deadline_announced_by');
  }
}
