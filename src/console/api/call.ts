import { token, tokenWasRefused } from '../session/token.js';
import { ApiProblem, NO_ANSWER, problemFrom } from './problem.js';

export type Asked = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type Answer<T> = { readonly status: number; readonly body: T };

/** A request to the API that this page came from. Throws {@link ApiProblem} for every answer that is no success. */
export async function call<T>(path: string, asked: Asked = {}): Promise<Answer<T>> {
  const response = await send(path, asked);
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  // /health says 503 with a document of its own.
  const isHealth = path.startsWith('/health');
  if (!response.ok && !isHealth) throw new ApiProblem(problemFrom(response.status, body));
  return { status: response.status, body: body as T };
}

/** The answer as it comes, with the token of the session in the request. Throws only when there is none, or when it is a 401. */
export async function send(path: string, { method = 'GET', body, headers = {}, signal }: Asked): Promise<Response> {
  const used = token();
  const response = await fetch(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(used === null ? {} : { authorization: `Bearer ${used}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
    // Tokens go by the header alone.
    credentials: 'omit',
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new ApiProblem(NO_ANSWER);
  });
  if (response.status === 401) {
    tokenWasRefused(used);
    throw new ApiProblem(problemFrom(401, await bodyOf(response)));
  }
  return response;
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
