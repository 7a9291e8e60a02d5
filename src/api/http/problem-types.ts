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
  unauthenticated: {
    status: 401,
    title: 'Nobody is known by these credentials',
    description: 'Send a token of this registry, or of its OpenID provider, as `Authorization: Bearer TOKEN`.',
  },
  forbidden: {
    status: 403,
    title: 'The caller may not do this',
    description: '`detail` says which role it takes, and which one the caller has.',
  },
  'cross-site': {
    status: 403,
    title: 'The request comes from a page of another site',
    description: 'A browser says so in `Sec-Fetch-Site` or `Origin`. Only pages of this registry may change something.',
  },
  'host-not-allowed': {
    status: 421,
    title: 'The registry does not know itself by this name',
    description: 'Use its address, a loopback name, or a name that ALLOWED_HOSTS has.',
  },
  'too-many-requests': {
    status: 429,
    title: 'The caller comes too often',
    description: 'Try again after the seconds of `Retry-After`; `RateLimit-Limit` says how many are taken.',
  },
  'identity-provider-unavailable': {
    status: 503,
    title: 'The OpenID provider cannot be reached',
    description: 'Its keys are needed to check the token: try again after the seconds of `Retry-After`.',
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
  'operation-not-found': {
    status: 404,
    title: 'No such operation',
    description: 'No command of this id came by this API within the last 7 days.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still under way',
    description: 'Try again after the seconds of `Retry-After`; the answer will be that of the first request.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    description: 'A key stands for one request for 24 hours: take a new key for what is not the same.',
  },
  'dead-letter-not-found': {
    status: 404,
    title: 'No such dead letter',
    description: 'No dead letter of this id is known here.',
  },
  'dead-letter-truncated': {
    status: 409,
    title: 'The dead letter was not kept whole',
    description: 'Its original was too long: it can be looked at, and has to be sent anew by who sent it first.',
  },
  'dead-letter-not-redrivable': {
    status: 409,
    title: 'There is nothing to send, or nobody who would read it',
    description: 'The original had no value, or came by a topic that this registry does not read (any more).',
  },
  'dead-letter-quarantined': {
    status: 409,
    title: 'The dead letter is in quarantine',
    description:
      'Its message was sent again and failed too often. Mend the reason and release it, or send it once with `force`.',
  },
  'redrive-under-way': {
    status: 409,
    title: 'Another redrive by filter is under way',
    description: 'One at a time: try again after the seconds of `Retry-After`. What it sends is not sent twice.',
  },
  'drift-repair-not-found': {
    status: 404,
    title: 'No such repair',
    description: 'No repair of this id was asked for within the last 7 days.',
  },
  'too-many-repairs': {
    status: 503,
    title: 'Too many repairs wait',
    description:
      'Each costs an audit, and they are done one after the other: try again after the seconds of `Retry-After`.',
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
  'log-unavailable': {
    status: 503,
    title: 'The log does not take the message',
    description:
      'Nothing was promised: try again after the seconds of `Retry-After`, with the same Idempotency-Key if there was one. ' +
      '/health tells what is missing.',
  },
  'too-many-streams': {
    status: 503,
    title: 'No room for another event stream',
    description:
      'This process has as many as it can hold, or is stopping: try again after the seconds of `Retry-After`.',
  },
  'events-lost': {
    status: 410,
    title: 'Some events are gone',
    description:
      'The log does not have all that came after the cursor: it keeps events for some days, or it is another one. Look at the fleet ' +
      'anew, and go on with the cursor in `extensions`, where what is left begins.',
  },
  'stream-ended': {
    status: 503,
    title: 'The stream of events has come to its end',
    description: 'Nobody read it, or the process stops: come back with the cursor in `extensions`.',
  },
  internal: {
    status: 500,
    title: 'Something unexpected happened',
    description: 'A mistake of the registry, not of the request. Its log has the reason.',
  },
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly description: string }>;

export type ProblemType = keyof typeof PROBLEM_TYPES;

export const PROBLEM_PATH = '/problems';
