/** Every kind of problem that the API answers with, by the last part of its `type`. Stable: clients switch on them. */
export const PROBLEM_TYPES = {
  validation: {
    status: 400,
    title: 'The request is not valid',
    description: 'A parameter or a field is missing, unknown or wrong; `errors` names each of them.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    description: 'Its URL or its body is not what HTTP or the content type demand.',
  },
  'node-not-found': {
    status: 404,
    title: 'No such node',
    description: 'No node of this id has ever announced itself here.',
  },
  'route-not-found': {
    status: 404,
    title: 'No such resource',
    description: 'Nothing is served under this method and path; /openapi.json lists what is.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The request is too large',
    description: 'Its body, its headers or its URL are over the limit.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type is not supported',
    description: 'Bodies are application/json.',
  },
  'state-unavailable': {
    status: 503,
    title: 'The state database cannot be reached',
    description: 'Try again after the seconds of `Retry-After`; /health tells what is missing.',
  },
  internal: {
    status: 500,
    title: 'Something unexpected happened',
    description: 'A mistake of the registry, not of the request. Its log has the reason.',
  },
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly description: string }>;

export type ProblemType = keyof typeof PROBLEM_TYPES;

export const PROBLEM_PATH = '/problems';
