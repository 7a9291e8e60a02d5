import type { FastifyRequest } from 'fastify';
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  specifiedRules,
  subscribe,
  validate,
  type DocumentNode,
  type ExecutionResult,
} from 'graphql';
import type { Log } from '../../../runtime/index.js';
import { errorFormatter } from '../format-error.js';
import { MAX_QUERY, MAX_TOKENS } from '../guard-request.js';
import { validationRules } from '../limits.js';
import type { Subscribe } from './protocol.js';

/** Answers to an operation: many, or one. An iterator that is closed early ends what feeds it. */
export type Answers = AsyncIterableIterator<ExecutionResult>;

export type Operations = {
  start(request: FastifyRequest, context: Readonly<Record<string, unknown>>, asked: Subscribe): Promise<Answers>;
  /** An answer as it is sent. */
  formatted(result: ExecutionResult): unknown;
  /** What {@link start} or its answers threw, as the client is told. */
  errorsOf(error: unknown): readonly unknown[];
};

/** Operations as they come over a socket, within the same limits as those that come over HTTP. */
export function createOperations(log: Log, production: boolean): Operations {
  const rules = [...specifiedRules, ...validationRules(production)];
  const format = errorFormatter(log);

  function documentOf({ query }: Subscribe, request: FastifyRequest): DocumentNode {
    if (query.length > MAX_QUERY) throw refused(`query must have at most ${MAX_QUERY} characters`);
    const document = parse(query, { maxLexicalTokens: MAX_TOKENS });
    const errors = validate(request.server.graphql.schema, document, rules);
    if (errors.length > 0) throw new Refused(errors);
    return document;
  }

  return {
    formatted: (result) => (result.errors === undefined ? result : format(result).response),
    errorsOf: (error) => format({ errors: graphqlErrors(error) }).response.errors,
    start: async (request, context, asked) => {
      const document = documentOf(asked, request);
      const operationName = asked.operationName ?? undefined;
      const operation = getOperationAST(document, operationName);
      if (!operation) throw refused('operationName must be the name of the operation in the query');
      const { graphql } = request.server;
      const contextValue = { ...context, req: request };
      const variableValues = asked.variables ?? {};
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
        return once(await graphql(asked.query, contextValue, variableValues, operationName));
      }
      const { schema } = graphql;
      const result = await subscribe({ schema, document, contextValue, variableValues, operationName });
      if (Symbol.asyncIterator in result) return result as Answers;
      throw new Refused(result.errors ?? []);
    },
  };
}

class Refused extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super('the operation is refused');
  }
}

function refused(message: string): Refused {
  return new Refused([new GraphQLError(message)]);
}

function graphqlErrors(error: unknown): readonly GraphQLError[] {
  if (error instanceof Refused) return error.errors;
  if (error instanceof GraphQLError) return [error];
  const originalError = error instanceof Error ? error : new Error(String(error));
  return [new GraphQLError(originalError.message, { originalError })];
}

async function* once(result: ExecutionResult): Answers {
  yield await Promise.resolve(result);
}
