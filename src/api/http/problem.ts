import { PROBLEM_PATH, PROBLEM_TYPES, type ProblemType } from './problem-types.js';

/** One wrong field of a request. */
export type FieldError = {
  readonly in: 'path' | 'query' | 'header' | 'body' | 'argument';
  /** Name of the field; nested ones with dots. */
  readonly field: string;
  readonly message: string;
};

/** RFC 9457. */
export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
};

/** What a request comes to when it does not come to its end: thrown by controllers and resolvers, answered by the filter. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly type: ProblemType,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    /** Where the status tells more than that of the type: 431 instead of 413. */
    readonly status: number = PROBLEM_TYPES[type].status,
  ) {
    super(detail);
  }

  /** What GraphQL tells beside the type. */
  get extensions(): Readonly<Record<string, unknown>> {
    return {};
  }

  get document(): ProblemDocument {
    return {
      type: `${PROBLEM_PATH}/${this.type}`,
      title: PROBLEM_TYPES[this.type].title,
      status: this.status,
      detail: this.detail,
      ...(this.errors.length > 0 ? { errors: this.errors } : {}),
    };
  }
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';
export const RETRY_AFTER_SECONDS = 5;

/** Headers of the answer, beside its content type. */
export function problemHeaders(problem: Problem): Readonly<Record<string, string>> {
  const later =
    problem.status === 503 || problem.type === 'idempotency-key-in-use' || problem.type === 'redrive-under-way';
  return later ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
}
