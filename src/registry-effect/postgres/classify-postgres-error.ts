import { TaskCancelledError } from 'cockatiel';
import type { ErrorCode } from '../resilience/error-codes.js';

const CONNECTION = 'POSTGRES_CONNECTION_ERROR';
const TIMEOUT = 'POSTGRES_TIMEOUT_ERROR';
const AUTH = 'POSTGRES_AUTH_ERROR';
const VALIDATION = 'POSTGRES_VALIDATION_ERROR';
const UNKNOWN = 'POSTGRES_UNKNOWN_ERROR';

/** Single SQLSTATEs that are not what their class is. https://www.postgresql.org/docs/15/errcodes-appendix.html */
const STATES: Readonly<Record<string, ErrorCode>> = {
  '42501': AUTH, // insufficient_privilege
  '57014': TIMEOUT, // query_canceled: statement_timeout
  '55P03': TIMEOUT, // lock_not_available: lock_timeout
  '25006': CONNECTION, // read_only_sql_transaction: a standby, in the middle of a failover
};

/** By the first two characters. */
const CLASSES: Readonly<Record<string, ErrorCode>> = {
  '08': CONNECTION, // connection exception
  '22': VALIDATION, // data exception
  '23': VALIDATION, // integrity constraint violation
  '28': AUTH, // invalid authorization
  '3D': CONNECTION, // the database is not there
  '3F': CONNECTION, // the schema is not there
  '40': CONNECTION, // deadlock, serialization failure
  '42': CONNECTION, // a table or column is not there: migrations have not run, or somebody dropped it
  '53': CONNECTION, // insufficient resources: disk full, too many connections
  '54': VALIDATION, // program limit exceeded: a value too large for an index
  '57': CONNECTION, // operator intervention: shutting down, starting up
  '58': CONNECTION, // system error: the server's disk
};

/** Errors of the driver have no code, only these texts. */
const TEXTS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/timeout/i, TIMEOUT],
  [/SASL|SCRAM|password/i, AUTH],
  [/connection|terminated|not queryable|calling end on the pool|client was closed/i, CONNECTION],
];

/** Whose fault an error of the PostgreSQL driver is. */
export function classifyPostgresError(error: unknown): ErrorCode {
  if (error instanceof TaskCancelledError) return TIMEOUT;
  const state = sqlState(error);
  if (state !== undefined) return STATES[state] ?? CLASSES[state.slice(0, 2)] ?? UNKNOWN;
  const { code, message } = (error ?? {}) as Record<string, unknown>;
  if (typeof code === 'string') return classifyCode(code);
  return TEXTS.find(([pattern]) => pattern.test(String(message)))?.[1] ?? UNKNOWN;
}

/** The server itself has answered, and the connection can be used again. */
export function isServerAnswer(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !/^(08|57P|28|3D)/.test(state);
}

/** 42P01, undefined_table: somebody has dropped it, or the migrations have not run yet. */
export function isMissingTable(error: unknown): error is Error {
  return error instanceof Error && sqlState(error) === '42P01';
}

function classifyCode(code: string): ErrorCode {
  if (code === 'ETIMEDOUT') return TIMEOUT;
  // ERR_INVALID_ARG_TYPE and its like are our own mistakes; system calls, DNS and TLS speak of the network.
  return /^ERR_(INVALID|OUT_OF_RANGE|ASSERTION)/.test(code) ? UNKNOWN : CONNECTION;
}

function sqlState(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
