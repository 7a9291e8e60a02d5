import type { Caller } from '../access/caller.js';

/** How a request ended: done (2xx), refused (4xx), failed (5xx). */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** A row of the audit, to be written. */
export type NewAuditEntry = {
  readonly id: string;
  readonly action: string;
  /** Null where nobody said, or proved, who it is. */
  readonly caller: string | null;
  readonly role: Caller['role'] | null;
  readonly source: Caller['source'] | null;
  readonly ip: string;
  readonly method: string;
  /** The pattern of the path. */
  readonly route: string;
  readonly target: string | null;
  readonly details: string | null;
  /** Null: not known, as it is under way, or the process has died meanwhile. */
  readonly outcome: AuditOutcome | null;
  readonly status: number | null;
  readonly problem: string | null;
  /** Refused requests that were alike are one row. */
  readonly count: number;
  /** The first of several; RFC 3339. Null where there is one. */
  readonly firstAt: string | null;
};

/** What a command came to. */
export type AuditResult = {
  readonly id: string;
  readonly outcome: AuditOutcome;
  readonly status: number;
  readonly problem: string | null;
  readonly resultId: string | null;
};

/** A row as it is told. Times are RFC 3339, UTC. */
export type AuditEntry = Omit<NewAuditEntry, 'caller' | 'role' | 'source'> & {
  readonly at: string;
  readonly caller: { readonly name: string; readonly role: string; readonly source: string } | null;
  readonly resultId: string | null;
};

export type AuditFilter = {
  readonly caller?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly target?: string | undefined;
  /** Inclusive. */
  readonly from?: string | undefined;
  /** Exclusive. */
  readonly to?: string | undefined;
};

export function outcomeOf(status: number): AuditOutcome {
  return status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
}
