import { call } from './call.js';
import { ApiProblem, type ProblemDocument } from './problem.js';

type GraphqlAnswer<T> = {
  readonly data?: T | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly type?: string; readonly status?: number };
  }[];
};

/** A query. Throws {@link ApiProblem}: GraphQL says what went wrong in its own form, with the type of the problem in it. */
export async function graphql<T>(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<T> {
  const { body } = await call<GraphqlAnswer<T>>('/graphql', { method: 'POST', body: { query, variables }, signal });
  const [error] = body.errors ?? [];
  if (error !== undefined) throw new ApiProblem(problemOf(error));
  if (body.data === null || body.data === undefined) throw new Error('GraphQL answered without data');
  return body.data;
}

function problemOf({ message, extensions }: NonNullable<GraphqlAnswer<unknown>['errors']>[number]): ProblemDocument {
  return {
    type: extensions?.type ?? 'about:blank',
    title: 'The query failed',
    status: extensions?.status ?? 500,
    detail: message,
  };
}
