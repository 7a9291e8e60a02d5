import { setTimeout as sleep } from 'node:timers/promises';
import type { Drift, Repair } from './answers.js';
import type { Wanted } from './options.js';

/** The longest that the API lets a request wait, in seconds. */
const MAX_WAIT_SECONDS = 30;
const LOOK_EVERY_MS = 1000;
/** Beyond what the answer was allowed to take. */
const PATIENCE_MS = 10_000;

/** The registry cannot be reached, or does not take the request; the message is for a person. */
export class RestFailure extends Error {
  override readonly name = 'RestFailure';
}

/** The registry's REST API, as far as drift goes. Methods throw {@link RestFailure}. */
export class DriftRest {
  constructor(private readonly wanted: Pick<Wanted, 'url' | 'filter' | 'limit'>) {}

  read(): Promise<Drift> {
    const { filter, limit } = this.wanted;
    const query = new URLSearchParams({ ...filter, limit: String(limit) });
    return this.ask<Drift>(`/v1/drift?${query.toString()}`);
  }

  /** Asks for a repair, and waits for its outcome at most as long as told. */
  async repair(how: { readonly dryRun: boolean; readonly force: boolean }, waitSeconds: number): Promise<Repair> {
    const end = Date.now() + waitSeconds * 1000;
    const wait = Math.min(waitSeconds, MAX_WAIT_SECONDS);
    let repair = await this.ask<Repair>('/v1/drift/repair', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(wait > 0 ? { prefer: `wait=${wait}` } : {}) },
      body: JSON.stringify({ ...this.wanted.filter, ...how }),
    });
    while (repair.status !== 'done' && Date.now() < end) {
      await sleep(LOOK_EVERY_MS);
      repair = await this.ask<Repair>(`/v1/drift/repairs/${repair.id}`);
    }
    return repair;
  }

  /** The state of affairs once an audit began after `since` at every backend that counts, or when the time is over. */
  async readAfter(since: string, end: number): Promise<Drift> {
    for (;;) {
      const drift = await this.read();
      const { backend } = this.wanted.filter;
      const counted = drift.backends.filter((one) => backend === undefined || one.backend === backend);
      if (counted.every(({ startedAt }) => startedAt > since) || Date.now() >= end) return drift;
      await sleep(LOOK_EVERY_MS);
    }
  }

  private async ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const { url } = this.wanted;
    const signal = AbortSignal.timeout(MAX_WAIT_SECONDS * 1000 + PATIENCE_MS);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, { ...init, signal });
      text = await response.text();
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RestFailure(`no registry answers at ${url}: ${reason}. Is it running? --url says where it is`);
    }
    const type = response.headers.get('content-type') ?? '';
    if (!/json/.test(type)) {
      throw new RestFailure(`${url}${path} answers ${response.status} with ${type || 'nothing'}: is that a registry?`);
    }
    const body = JSON.parse(text) as unknown;
    if (response.ok) return body as T;
    const { detail, title } = body as { readonly detail?: string; readonly title?: string };
    throw new RestFailure(`${url} answers ${response.status}: ${detail ?? title ?? text}`);
  }
}
