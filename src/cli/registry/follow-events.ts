import { setTimeout as sleep } from 'node:timers/promises';
import { SseParser, type SseItem } from '../../client/http/sse-parser.js';
import { RegistryRefusal, RegistryUnreachable } from './failures.js';
import type { Query, Registry } from './registry.js';

export type Followed = {
  /** Position in the stream: `lastEventId` of who wants to go on behind it. */
  readonly cursor: string;
  readonly eventType: string;
  readonly data: string;
};

export type FollowOptions = {
  readonly query: Query;
  /** Begin behind this position. */
  readonly from: string | null;
  readonly signal: AbortSignal;
  /** The connection is gone, and another one is tried after so long. */
  readonly lost: (reason: string, retryInMs: number) => void;
};

/** The registry says something at least every 15 s. */
const SILENT_MS = 45_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/**
 * The registry's events as they happen, through losses of the connection: each one begins where the last one ended, so nothing that
 * had a cursor is missed or comes twice. Throws when the registry cannot be had the first time, or refuses.
 */
export async function* followEvents(registry: Registry, options: FollowOptions): AsyncGenerator<Followed> {
  const { signal, lost } = options;
  const isOver = (): boolean => signal.aborted;
  const reader = { parser: new SseParser(options.from ?? ''), wasOpen: false };
  for (let failures = 0; !isOver(); failures += 1) {
    let reason = 'the registry ended the stream';
    try {
      for await (const item of connection(registry, options, reader)) {
        failures = 0;
        if (item.kind === 'event') yield { cursor: reader.parser.lastEventId, eventType: item.type, data: item.data };
      }
    } catch (error) {
      if (isOver()) return;
      if (!reader.wasOpen || isFinal(error)) throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
    if (isOver()) return;
    const retryInMs = Math.min(
      LONGEST_RETRY_MS,
      (reader.parser.retryMs ?? FIRST_RETRY_MS) * 2 ** Math.min(failures, 5),
    );
    lost(reason.split('\n')[0] ?? reason, retryInMs);
    await sleep(retryInMs, undefined, { signal }).catch(() => undefined);
  }
}

type Reader = { parser: SseParser; wasOpen: boolean };

async function* connection(
  registry: Registry,
  { query, signal }: FollowOptions,
  reader: Reader,
): AsyncGenerator<SseItem> {
  const { lastEventId, retryMs } = reader.parser;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`nothing was heard for ${SILENT_MS / 1000} s`)), SILENT_MS);
  try {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
    };
    const body = await registry.stream('/v1/events', query, headers, AbortSignal.any([signal, silence.signal]));
    reader.wasOpen = true;
    // Half a line of the connection before is no part of this one.
    reader.parser = new SseParser(lastEventId);
    reader.parser.retryMs = retryMs;
    for await (const bytes of body) {
      timer.refresh();
      for (const line of linesOf(bytes)) yield* reader.parser.push(line);
    }
  } catch (error) {
    if (error instanceof RegistryRefusal || error instanceof RegistryUnreachable) throw error;
    throw new RegistryUnreachable(registry.url, `the event stream broke: ${String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** One by one, so that after each event the parser stands at its position, and not at that of the last one that came with it. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let from = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
    yield bytes.subarray(from, end + 1);
    from = end + 1;
  }
  if (from < bytes.length) yield bytes.subarray(from);
}

const NEWLINE = 10;

/** Asked again, the registry would say the same. */
function isFinal(error: unknown): boolean {
  return error instanceof RegistryRefusal && error.status < 500 && error.status !== 429;
}
