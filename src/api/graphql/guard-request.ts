import type { FastifyReply, FastifyRequest } from 'fastify';
import { getOperationAST, parse } from 'graphql';
import { isJsonObject } from '../../messages/index.js';
import { Problem } from '../http/problem.js';

export const MAX_QUERY = 16 * 1024;
/** Mercurius takes JSON for a parsed document, past every limit on its text. No GraphQL begins like this. */
const JSON_TEXT = /^\s*(?:\{\s*["}]|["[\d-]|(?:true|false|null)\s*$)/;

type Call = { readonly query?: unknown; readonly operationName?: unknown; readonly variables?: unknown };

/** A hook before the body is validated, which would only say that it must be an object. */
export function refuseBatch({ body }: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
  const message = 'must be one request; lists of requests (batches) are not taken';
  const error = { in: 'body', field: 'body', message } as const;
  done(Array.isArray(body) ? new Problem('validation', `body ${message}`, [error]) : undefined);
}

/** What Mercurius should not see. A hook of its routes, called before they handle a request. */
export function guardRequest(request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
  const get = request.method === 'GET';
  const call = ((get ? request.query : request.body) ?? {}) as Call;
  done(textProblem(call) ?? (get ? urlProblem(call) : undefined));
}

function textProblem({ query }: Call): Problem | undefined {
  if (typeof query !== 'string') return undefined;
  if (query.length > MAX_QUERY) return refusal('query', `must have at most ${MAX_QUERY} characters`);
  if (JSON_TEXT.test(query)) return refusal('query', 'must be a GraphQL document');
  return undefined;
}

/** Over these Mercurius stumbles in GET requests only: variables that are no object, and an operation that is not there. */
function urlProblem({ query, operationName, variables }: Call): Problem | undefined {
  if (typeof variables === 'string' && variables !== '' && !isJsonObjectText(variables)) {
    return refusal('variables', 'must be a JSON object');
  }
  if (typeof query === 'string' && typeof operationName === 'string' && lacks(query, operationName)) {
    return refusal('operationName', 'must be the name of the operation in the query');
  }
  return undefined;
}

function isJsonObjectText(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}

function lacks(query: string, operationName: string): boolean {
  try {
    return getOperationAST(parse(query, { maxLexicalTokens: MAX_TOKENS }), operationName) === null;
  } catch {
    return false;
  }
}

export const MAX_TOKENS = 1000;

function refusal(field: string, message: string): Problem {
  return new Problem('validation', `${field} ${message}`, [{ in: 'argument', field, message }]);
}
