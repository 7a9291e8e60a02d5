import { Inject, Injectable } from '@nestjs/common';
import { STATE_DATABASE, type Database } from '../../runtime/index.js';
import type { AuditEntry, AuditFilter, AuditResult, NewAuditEntry } from './audit-entry.js';
import { listAudit } from './audit-list.js';
import type { Slice } from './fleet-reader.js';
import type { Page } from './node.js';
import { rowsOf } from './query.js';
import { Slots } from './slots.js';

/** Statements at once: the pool's connections are those of the lanes, too. */
const MAX_STATEMENTS = 2;
const DELETED_AT_ONCE = 500;

/** The table of the audit. A method is one statement. Every method throws StateUnavailable. */
@Injectable()
export class AuditStore {
  private readonly slots = new Slots(MAX_STATEMENTS);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  /** By the database's clock. */
  async insert(entries: readonly NewAuditEntry[]): Promise<void> {
    await this.rows({
      name: 'insert-audit',
      text: `
        insert into api_audit (id, first_at, action, caller, role, source, ip, method, route, target, details, outcome, status,
          problem, count)
        select id, first_at, action, caller, role, source, ip, method, route, target, details, outcome, status, problem, count
        from json_to_recordset($1::json) as e (id uuid, first_at timestamptz, action text, caller text, role text, source text,
          ip text, method text, route text, target text, details text, outcome text, status integer, problem text, count integer)`,
      values: [JSON.stringify(entries.map(({ firstAt, ...entry }) => ({ ...entry, first_at: firstAt })))],
    });
  }

  async finish(results: readonly AuditResult[]): Promise<void> {
    await this.rows({
      name: 'finish-audit',
      text: `
        update api_audit a set outcome = r.outcome, status = r.status, problem = r.problem, result_id = r.result_id
        from json_to_recordset($1::json) as r (id uuid, outcome text, status integer, problem text, result_id uuid)
        where a.id = r.id`,
      values: [JSON.stringify(results.map(({ resultId, ...result }) => ({ ...result, result_id: resultId })))],
    });
  }

  /** The newest first. */
  list(filter: AuditFilter, slice: Slice): Promise<Page<AuditEntry, string>> {
    return this.slots.run(() => listAudit(this.database, filter, slice));
  }

  /** Deletes some of the entries that are older. Resolves to whether there may be more. */
  async deleteOlderThan(days: number): Promise<boolean> {
    const deleted = await this.rows({
      text: `
        delete from api_audit where id in (
          select id from api_audit where at < clock_timestamp() - $1::integer * interval '1 day'
          order by at limit ${DELETED_AT_ONCE}
        ) returning id`,
      values: [days],
    });
    return deleted.length === DELETED_AT_ONCE;
  }

  private rows(statement: Parameters<typeof rowsOf>[1]) {
    return this.slots.run(() => rowsOf(this.database, statement));
  }
}
