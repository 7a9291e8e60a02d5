import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys of dead letters are other people's bytes: what PostgreSQL cannot hold as text is in base64, and has to be told apart. */
export class DeadLetterKeys1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table dead_letters add column original_key_encoding text not null default 'utf8'
      check (original_key_encoding in ('utf8', 'base64'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table dead_letters drop column original_key_encoding');
  }
}
