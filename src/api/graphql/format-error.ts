import type { ExecutionResult, GraphQLError } from 'graphql';
import { errorText } from '../../messages/index.js';
import type { Log } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';
import { problemOf } from '../http/problem-of.js';

type FormattedError = {
  readonly message: string;
  readonly locations?: GraphQLError['locations'];
  readonly path?: GraphQLError['path'];
  readonly extensions: Readonly<Record<string, unknown>>;
};

/**
 * Errors as GraphQL has them, with the `type` and the wrong fields of the problem in `extensions`. The status is 200 where
 * there is data, else that of the first error.
 */
export function errorFormatter(log: Log, production = false) {
  const refused = (error: Error): Problem => refusedFor(error, production);
  return ({ data, errors = [] }: ExecutionResult) => {
    const found = errors.flatMap((error) => problemsIn(error, refused));
    for (const { problem, cause } of found) {
      if (problem.type === 'internal' && !(cause instanceof Problem)) {
        log.error({ where: 'graphql', error: errorText(cause) }, 'a request failed unexpectedly');
      }
    }
    const statusCode = data ? 200 : (found[0]?.problem.status ?? 500);
    return { statusCode, response: { data: data ?? null, errors: found.map(formatted) as never } };
  };
}

type Found = { readonly problem: Problem; readonly error: GraphQLError; readonly cause: unknown };

function problemsIn(error: GraphQLError, refused: (error: Error) => Problem): Found[] {
  const cause = originOf(error);
  if (cause === undefined) return [{ problem: refused(error), error, cause: error }];
  if (isList(cause)) return cause.errors.map((inner) => ({ problem: refused(inner), error: inner, cause: inner }));
  return [{ problem: problemOf(cause), error, cause }];
}

/** What a resolver or Fastify threw; undefined for an error that graphql itself raised, about the request. */
function originOf(error: GraphQLError): unknown {
  let origin: unknown = error.originalError ?? undefined;
  while (origin instanceof Error && 'originalError' in origin && origin.originalError) origin = origin.originalError;
  return origin instanceof Error && origin.name === 'GraphQLError' ? undefined : origin;
}

/** Mercurius gathers what validation found in one error. */
function isList(cause: unknown): cause is { readonly errors: readonly GraphQLError[] } {
  return cause instanceof Error && !(cause instanceof Problem) && 'errors' in cause && Array.isArray(cause.errors);
}

/** Where nobody may ask for the schema, nobody is told the names that are like a wrong one, either. */
const SUGGESTION = / Did you mean [^?]*\?/g;

function refusedFor(error: Error, production: boolean): Problem {
  const text = errorText(error, 500);
  return new Problem('validation', production ? text.replace(SUGGESTION, '') : text);
}

function formatted({ problem, error }: Found): FormattedError {
  const { type, detail: message, status, errors } = problem.document;
  return {
    message,
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    ...(error.path === undefined ? {} : { path: error.path }),
    extensions: { type, status, ...(errors === undefined ? {} : { errors }), ...problem.extensions },
  };
}
