import { PROBLEM_PATH, PROBLEM_TYPES, type ProblemType } from '../http/problem-types.js';
import { RETRY_AFTER_SECONDS } from '../http/problem.js';

/** A status that is known by no type of its own: see `refuseConnection` in http/adapter.ts. */
const OTHER_STATUSES: Readonly<Partial<Record<number, { readonly type: ProblemType; readonly description: string }>>> =
  {
    408: { type: 'malformed-request', description: 'The request did not arrive in time.' },
    414: { type: 'payload-too-large', description: 'The URL is too long.' },
    431: { type: 'payload-too-large', description: 'URL and headers together are over 16 KiB.' },
  };

/** What any request can come to, whatever it asks for. */
export const ALWAYS = [400, 408, 421, 431, 500] as const;
/** Any with a body. */
export const WITH_BODY = [413, 415] as const;

/** Statuses whose problem tells when to try again. */
const LATER = [409, 429, 503];

export function problemReference(status: number): { readonly $ref: string } {
  return { $ref: `#/components/responses/Problem${status}` };
}

/** An answer for each status: which problems come with it, and an example of each. */
export function problemAnswers(statuses: readonly number[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(statuses.map((status) => [`Problem${status}`, answerOf(status)]));
}

function answerOf(status: number) {
  const examples = examplesOf(status);
  return {
    description: examples.map(({ type, description }) => `\`${PROBLEM_PATH}/${type}\`: ${description}`).join('\n'),
    ...(LATER.includes(status) ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples.map((example) => [example.type, { value: documentOf(example, status) }])),
      },
    },
  };
}

const RETRY_AFTER = {
  description: 'Seconds after which to try again, where that can help',
  schema: { type: 'integer', example: RETRY_AFTER_SECONDS },
};

type Example = { readonly type: ProblemType; readonly description: string };

function examplesOf(status: number): readonly Example[] {
  const types = Object.keys(PROBLEM_TYPES) as ProblemType[];
  const own = types.filter((type) => PROBLEM_TYPES[type].status === status);
  const other = OTHER_STATUSES[status];
  return [
    ...own.map((type) => ({ type, description: PROBLEM_TYPES[type].description })),
    ...(other === undefined ? [] : [other]),
  ];
}

function documentOf({ type, description }: Example, status: number) {
  const { title } = PROBLEM_TYPES[type];
  const errors = [{ in: 'body', field: 'nodeType', message: 'must be one of effect, compute, reducer, orchestrator' }];
  return {
    type: `${PROBLEM_PATH}/${type}`,
    title,
    status,
    detail: type === 'validation' ? 'nodeType (body) is not valid' : description,
    ...(type === 'validation' ? { errors } : {}),
  };
}
