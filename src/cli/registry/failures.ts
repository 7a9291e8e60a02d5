import { CommandFailure, EXIT, type ExitCode } from '../exit.js';
import { harmless, harmlessLines } from '../output/text-width.js';
import { adviceFor } from './advice.js';

/** A problem of RFC 9457, as far as the registry says one. */
export type Problem = {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly errors?: readonly { readonly in: string; readonly field: string; readonly message: string }[];
};

/** The registry is there, and answers with a problem. */
export class RegistryRefusal extends CommandFailure {
  override readonly name = 'RegistryRefusal';

  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** How long the registry wants to be left alone, where it says so. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(codeOf(status), textOf(status, problem), { ...problem, status });
  }
}

/** Nobody answers at the address, or somebody who is no registry. */
export class RegistryUnreachable extends CommandFailure {
  override readonly name = 'RegistryUnreachable';

  constructor(url: string, reason: string) {
    super(EXIT.unavailable, `${reason}\n  Is a registry running at ${url}? --url or ROLLCALL_URL says where it is.`, {
      error: reason,
      url,
    });
  }
}

const PASSING: readonly number[] = [429, 502, 503, 504];

function codeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.unauthorised;
  return PASSING.includes(status) ? EXIT.unavailable : EXIT.refused;
}

/** The title, what of the request is at fault, and what to do. */
function textOf(status: number, problem: Problem): string {
  const { title, detail, errors = [] } = problem;
  return [
    `${harmless(title ?? 'The registry refuses')} (${status})`,
    ...(detail === undefined ? [] : [`  ${harmlessLines(detail)}`]),
    ...errors.map(({ in: place, field, message }) => `  - ${harmless(`${field} (${place}): ${message}`)}`),
    ...adviceFor(status, problem.type).map((line) => `  ${line}`),
  ].join('\n');
}

/** The innermost message: `connect ECONNREFUSED 127.0.0.1:3000` rather than what was wrapped around it. */
export function firstCause(error: unknown): string {
  if (!isObject(error)) return String(error);
  const { errors, cause, message } = error;
  if (Array.isArray(errors) && errors.length > 0) return firstCause(errors[0]);
  if (isObject(cause) && cause !== error) return firstCause(cause);
  return typeof message === 'string' && message !== '' ? message : String(error['code'] ?? error['name']);
}

/** Errors of `fetch` are no `Error` of ours where there are several of that name, as in tests. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
