/** What the API says when it does not do what was asked (RFC 9457). */
export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
};

/** One wrong field of a request; nested ones with dots. */
export type FieldError = { readonly in: string; readonly field: string; readonly message: string };

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(readonly document: ProblemDocument) {
    super(document.detail);
  }

  /** 0: there was no answer at all. */
  get status(): number {
    return this.document.status;
  }

  /** Whether the same request can succeed a little later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 503;
  }
}

export const NO_ANSWER: ProblemDocument = {
  type: 'about:blank',
  title: 'The registry does not answer',
  status: 0,
  detail: 'It may be restarting, or the network is away. What is shown here is what was known before.',
};

/** Of an answer that is no success: its document, or one made of the little that it says. */
export function problemFrom(status: number, body: unknown): ProblemDocument {
  if (isProblem(body)) return body;
  return {
    type: 'about:blank',
    title: `The registry answered ${status}`,
    status,
    detail: 'It gave no reason. Its log may tell more.',
  };
}

function isProblem(body: unknown): body is ProblemDocument {
  if (typeof body !== 'object' || body === null) return false;
  const { title, detail, status } = body as Partial<Record<string, unknown>>;
  return typeof title === 'string' && typeof detail === 'string' && typeof status === 'number';
}

/** Any failure, as something to show. */
export function asProblem(error: unknown): ProblemDocument {
  if (error instanceof ApiProblem) return error.document;
  return {
    type: 'about:blank',
    title: 'Something unexpected happened in this page',
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
  };
}

/** Messages by field of the body or the query, for forms. */
export function fieldErrors(error: unknown): ReadonlyMap<string, string> {
  const errors = error instanceof ApiProblem ? (error.document.errors ?? []) : [];
  return new Map(errors.map(({ field, message }) => [field, message]));
}
