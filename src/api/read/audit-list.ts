import type { Database } from '../../runtime/index.js';
import type { AuditEntry, AuditFilter, AuditOutcome } from './audit-entry.js';
import type { Page } from './node.js';
import { rowsOf } from './query.js';

type Row = {
  readonly id: string;
  readonly at: Date;
  readonly first_at: Date | null;
  readonly action: string;
  readonly caller: string | null;
  readonly role: string | null;
  readonly source: string | null;
  readonly ip: string;
  readonly method: string;
  readonly route: string;
  readonly target: string | null;
  readonly details: string | null;
  readonly outcome: AuditOutcome | null;
  readonly status: number | null;
  readonly problem: string | null;
  readonly result_id: string | null;
  readonly count: number;
};

/** Entries behind `after` (an id), the newest first. Their ids are of UUID version 7, so they are in the order of time. */
export async function listAudit(
  database: Database,
  { caller, action, outcome, target, from, to }: AuditFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<Page<AuditEntry, string>> {
  const values: unknown[] = [];
  const value = (what: unknown): string => `$${values.push(what)}`;
  const conditions = ['true'];
  if (caller !== undefined) conditions.push(`caller = ${value(caller)}`);
  if (action !== undefined) conditions.push(`action = ${value(action)}`);
  if (outcome !== undefined) conditions.push(`outcome = ${value(outcome)}`);
  if (target !== undefined) conditions.push(`target = ${value(target)}`);
  if (from !== undefined) conditions.push(`at >= ${value(from)}::timestamptz`);
  if (to !== undefined) conditions.push(`at < ${value(to)}::timestamptz`);
  if (after !== null) conditions.push(`id < ${value(after)}::uuid`);
  const rows = await rowsOf<Row>(database, {
    text: `
      select id, at, first_at, action, caller, role, source, ip, method, route, target, details, outcome, status, problem,
        result_id, count
      from api_audit where ${conditions.join(' and ')}
      order by id desc limit ${value(limit + 1)}`,
    values,
  });
  const page = rows.slice(0, limit);
  return { items: page.map(entryOf), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

function entryOf({ at, first_at, caller, role, source, result_id, ...row }: Row): AuditEntry {
  return {
    ...row,
    at: at.toISOString(),
    firstAt: first_at?.toISOString() ?? null,
    caller: caller === null ? null : { name: caller, role: role ?? 'none', source: source ?? 'none' },
    resultId: result_id,
  };
}
