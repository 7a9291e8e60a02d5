/** The innermost message: `connect ECONNREFUSED 127.0.0.1:3000` rather than what was wrapped around it. */
export function firstCause(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return firstCause(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause != null && error.cause !== error ? firstCause(error.cause) : error.message;
}
