import { firstCause, isObject, RegistryRefusal, RegistryUnreachable, type Problem } from './failures.js';

export type RegistryOptions = {
  /** `http://host:port`, or https; a path before the registry's own is kept. */
  readonly url: string;
  readonly token: string | null;
  /** How long an answer may take. */
  readonly timeoutMs: number;
};

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Request = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** From `/v1` on, ids in it encoded. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The registry is asked to answer with the outcome, if there is one within so many seconds: at most 30. */
  readonly waitSeconds?: number;
  /** Further statuses whose document is the answer. */
  readonly accepts?: readonly number[];
};

export type Answer<T> = { readonly status: number; readonly body: T };

/** The longest that the API lets a request wait. Seconds. */
export const MAX_WAIT_SECONDS = 30;

/** The registry's REST API. Methods throw RegistryRefusal and RegistryUnreachable. */
export class Registry {
  constructor(private readonly options: RegistryOptions) {}

  get url(): string {
    return this.options.url;
  }

  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.ask<T>({ path, query })).body;
  }

  async ask<T>(request: Request): Promise<Answer<T>> {
    const { response, text } = await this.#fetched(request);
    const type = response.headers.get('content-type') ?? '';
    const body = /\bjson\b/.test(type) ? parsed(text) : undefined;
    const isAnswer = response.ok || request.accepts?.includes(response.status) === true;
    if (isAnswer && body !== undefined) return { status: response.status, body: body as T };
    if (isProblem(body)) throw new RegistryRefusal(response.status, body, retryAfterOf(response));
    // A proxy may ask for a token, or say that nobody is behind it.
    if ([401, 403, 429, 502, 503, 504].includes(response.status)) throw new RegistryRefusal(response.status, {});
    throw new RegistryUnreachable(
      this.url,
      `${request.method ?? 'GET'} ${request.path} is answered ${response.status} with ${type || 'nothing'}: is that a registry?`,
    );
  }

  /** An answer that goes on; the caller ends it by its signal. */
  async stream(path: string, query: Query, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const response = await this.#reached(path, { headers: { ...this.#headers(), ...headers }, signal }, query);
    // Typed without what it is made of.
    if (response.ok && response.body !== null) return response.body as AsyncIterable<Uint8Array>;
    const body = parsed(await response.text());
    throw new RegistryRefusal(response.status, isProblem(body) ? body : {}, retryAfterOf(response));
  }

  async #fetched({ method = 'GET', path, query = {}, body, headers = {}, waitSeconds = 0 }: Request) {
    const wait = Math.min(waitSeconds, MAX_WAIT_SECONDS);
    const init: RequestInit = {
      method,
      headers: {
        ...this.#headers(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(wait > 0 ? { prefer: `wait=${wait}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(this.options.timeoutMs + wait * 1000),
    };
    const response = await this.#reached(path, init, query);
    try {
      return { response, text: await response.text() };
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #reached(path: string, init: RequestInit, query: Query): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}${queryText(query)}`, init);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #headers(): Record<string, string> {
    const { token } = this.options;
    return { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  }

  #unreachable(error: unknown): Error {
    if (isObject(error) && error['name'] === 'TimeoutError') {
      const seconds = this.options.timeoutMs / 1000;
      return new RegistryUnreachable(this.url, `no answer within ${seconds} s; --timeout says how long to wait`);
    }
    return new RegistryUnreachable(this.url, `no registry answers: ${firstCause(error)}`);
  }
}

function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(body: unknown): body is Problem {
  return isObject(body) && ('title' in body || 'detail' in body);
}

function retryAfterOf(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
