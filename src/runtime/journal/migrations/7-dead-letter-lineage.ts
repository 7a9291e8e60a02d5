import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which dead letter is the failed redrive of which, what is in quarantine, and who asked for a redrive. `root_id` is null where a
 * letter is a root itself: so rows of before, and of a replica that does not know these columns, are right as they are.
 */
export class DeadLetterLineage1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table dead_letters
        add column original_event_id uuid,
        add column redrive_of uuid,
        add column root_id uuid,
        add column attempt integer not null default 1,
        add column quarantined_at timestamptz`);
    await runner.query('create index dead_letters_by_root on dead_letters (coalesce(root_id, id), attempt)');
    await runner.query(`
      create index dead_letters_by_event on dead_letters (original_event_id) where original_event_id is not null`);
    await runner.query(`
      create index dead_letters_in_quarantine on dead_letters (coalesce(root_id, id)) where quarantined_at is not null`);
    await runner.query(`
      alter table dead_letter_redrives
        add column how text not null default 'id' check (how in ('id', 'filter')),
        add column request_id uuid,
        add column requested_from text,
        add column forced boolean not null default false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table dead_letter_redrives
        drop column how, drop column request_id, drop column requested_from, drop column forced`);
    await runner.query('drop index dead_letters_by_root, dead_letters_by_event, dead_letters_in_quarantine');
    await runner.query(`
      alter table dead_letters drop column original_event_id, drop column redrive_of, drop column root_id,
        drop column attempt, drop column quarantined_at`);
  }
}
