import type { Backend } from '../../messages/index.js';

/**
 * Every way in which a backend can fail us, for logs, metrics and events. `terminal` codes become an outcome of the intent
 * that caused them; the others say that the backend is unavailable, which is no node's fault and never becomes an event.
 */
const KINDS = {
  /** Unreachable, or not able to serve now: worth trying again soon. */
  CONNECTION: { terminal: false, retried: true },
  TIMEOUT: { terminal: false, retried: true },
  /** Our credentials are refused: an operator has to mend that, so the breaker opens at once. */
  AUTH: { terminal: false, retried: false },
  /** The backend has judged the data. */
  VALIDATION: { terminal: true, retried: false },
  /** Nobody knows whose fault: tried a few times alone, then given up. */
  UNKNOWN: { terminal: true, retried: true },
} as const;

export type ErrorKind = keyof typeof KINDS;
type Code<K extends ErrorKind> = `${Uppercase<Backend>}_${K}_ERROR`;

export type ErrorCode = Code<ErrorKind>;
export type UnavailableCode = Code<'CONNECTION' | 'TIMEOUT' | 'AUTH'>;

type Handling = {
  readonly kind: ErrorKind;
  /** It becomes the outcome of an intent. */
  readonly terminal: boolean;
  /** Trying again may help. */
  readonly retried: boolean;
};

/** The closed set of codes. */
export const ERROR_CODES: Readonly<Record<ErrorCode, Handling>> = {
  CONSUL_CONNECTION_ERROR: { kind: 'CONNECTION', ...KINDS.CONNECTION },
  CONSUL_TIMEOUT_ERROR: { kind: 'TIMEOUT', ...KINDS.TIMEOUT },
  CONSUL_AUTH_ERROR: { kind: 'AUTH', ...KINDS.AUTH },
  CONSUL_VALIDATION_ERROR: { kind: 'VALIDATION', ...KINDS.VALIDATION },
  CONSUL_UNKNOWN_ERROR: { kind: 'UNKNOWN', ...KINDS.UNKNOWN },
  POSTGRES_CONNECTION_ERROR: { kind: 'CONNECTION', ...KINDS.CONNECTION },
  POSTGRES_TIMEOUT_ERROR: { kind: 'TIMEOUT', ...KINDS.TIMEOUT },
  POSTGRES_AUTH_ERROR: { kind: 'AUTH', ...KINDS.AUTH },
  POSTGRES_VALIDATION_ERROR: { kind: 'VALIDATION', ...KINDS.VALIDATION },
  POSTGRES_UNKNOWN_ERROR: { kind: 'UNKNOWN', ...KINDS.UNKNOWN },
};

export function isUnavailable(code: ErrorCode): code is UnavailableCode {
  return !ERROR_CODES[code].terminal;
}
