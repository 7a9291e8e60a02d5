import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who had the registry do what, by the api: a row is written before the command is carried out, and its outcome after. Rows of refused
 * requests stand for `count` of them that were alike, from `first_at` to `at`. Ids are of UUID version 7: their order is that of time.
 */
export class Audit1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table api_audit (
        id uuid primary key,
        at timestamptz not null default clock_timestamp(),
        first_at timestamptz,
        action text not null,
        caller text,
        role text,
        source text,
        ip text not null,
        method text not null,
        route text not null,
        target text,
        details text,
        outcome text check (outcome in ('done', 'refused', 'failed')),
        status integer,
        problem text,
        result_id uuid,
        count integer not null default 1
      )`);
    await runner.query('create index api_audit_by_age on api_audit (at)');
    await runner.query('create index api_audit_by_caller on api_audit (caller, id)');
    await runner.query('create index api_audit_by_target on api_audit (target, id) where target is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table api_audit');
  }
}
