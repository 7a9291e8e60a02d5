import { decidedBy } from '../drift/held-reasons.js';
import { entryName, type AuditReport } from '../drift/drift-report.js';
import type { Queryable } from './due-deadlines.js';

/** Findings of one backend that can be looked at; the counts tell of all. */
const MAX_STORED = 10_000;
const WRITTEN_AT_ONCE = 1000;

/**
 * Stores an audit: its findings, then its status, so that the counts are never ahead of what can be listed. Findings that were there
 * before keep the time when they were first seen; those that a whole audit did not see again are gone.
 */
export async function writeAudit(database: Queryable, report: AuditReport): Promise<void> {
  const stored = report.findings.slice(0, MAX_STORED);
  for (let start = 0; start < stored.length; start += WRITTEN_AT_ONCE) {
    await writeFindings(database, report, stored.slice(start, start + WRITTEN_AT_ONCE));
  }
  if (report.cutOff === null) {
    await database.query('delete from drift_findings where backend = $1 and audit_id <> $2', [
      report.backend,
      report.auditId,
    ]);
  }
  await writeStatus(database, report);
}

async function writeFindings(
  database: Queryable,
  { backend, auditId, startedAt, finishedAt }: AuditReport,
  findings: AuditReport['findings'],
): Promise<void> {
  const rows = new Map(
    findings.map((finding) => {
      const { nodeId, drift, revision, foundRevision, entry } = finding;
      const name = entryName(finding);
      const differences = [...finding.differences];
      return [`${nodeId} ${name}`, { nodeId, name, entry, drift, revision, foundRevision, differences }];
    }),
  );
  await database.query(
    `insert into drift_findings (backend, node_id, entry_name, entry, drift, revision, found_revision, differences,
       first_seen_at, last_seen_at, audit_id)
     select $1, f."nodeId", f.name, f.entry, f.drift, f.revision, f."foundRevision", f.differences, $2, $3, $4
     from json_to_recordset($5::json) as f("nodeId" text, name text, entry json, drift text, revision integer,
       "foundRevision" bigint, differences text[])
     on conflict (backend, node_id, entry_name) do update set
       first_seen_at = case when drift_findings.drift = excluded.drift then drift_findings.first_seen_at
         else excluded.first_seen_at end,
       entry = excluded.entry, drift = excluded.drift, revision = excluded.revision,
       found_revision = excluded.found_revision, differences = excluded.differences, last_seen_at = excluded.last_seen_at,
       audit_id = excluded.audit_id`,
    [backend, startedAt, finishedAt, auditId, JSON.stringify([...rows.values()])],
  );
}

async function writeStatus(database: Queryable, report: AuditReport): Promise<void> {
  const { backend, auditId, startedAt, finishedAt, compared, entries, unsettled, skippedBuckets } = report;
  const { counts, cutOff, held, repairs } = report;
  const needsOperator = held.some(({ reason }) => decidedBy(reason) === 'operator');
  await database.query(
    `insert into drift_status (backend, audit_id, started_at, finished_at, compared, entries, unsettled, skipped_buckets,
       counts, cut_off, held, held_since, needs_operator, repairs)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $12 then $4::timestamptz end, $13, $14)
     on conflict (backend) do update set audit_id = excluded.audit_id, started_at = excluded.started_at,
       finished_at = excluded.finished_at, compared = excluded.compared, entries = excluded.entries,
       unsettled = excluded.unsettled, skipped_buckets = excluded.skipped_buckets, counts = excluded.counts,
       cut_off = excluded.cut_off, held = excluded.held, needs_operator = excluded.needs_operator,
       held_since = case when $12 then coalesce(drift_status.held_since, excluded.held_since) end,
       repairs = excluded.repairs`,
    [
      ...[backend, auditId, startedAt, finishedAt, compared, entries, unsettled, skippedBuckets],
      ...[JSON.stringify(counts), cutOff, JSON.stringify(held), held.length > 0, needsOperator, repairs],
    ],
  );
}
