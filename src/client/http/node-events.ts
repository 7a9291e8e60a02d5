import type { Dispatcher } from 'undici';
import { firstCause } from '../first-cause.js';
import { backoffMs, pause } from '../waiting.js';
import { authorization, type Token } from './authorization.js';
import { isPassing, refusalOf, RequestRefused } from './failure.js';
import type { Limit } from './limit.js';
import { SseParser, type SseItem } from './sse-parser.js';

/** The registry says something at least every 15 s; after three times that the connection is taken for dead. */
const SILENT_MS = 45_000;
const HEADERS_WITHIN_MS = 15_000;
/** What the registry's comment says once everything has been sent that was there when the stream was opened. */
const UP_TO_DATE = 'up to date';

export type NodeEar = {
  readonly event: (nodeId: string, item: Extract<SseItem, { kind: 'event' }>) => void;
  readonly trouble: (reason: string) => void;
  /** The stream is open, for the first time or again. */
  readonly well: () => void;
  /** The registry does not let it begin, and it is not tried again. */
  readonly refused: (reason: string) => void;
};

export type EventsRequest = {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly token: Token | undefined;
};

/**
 * One node's event stream, from when it is opened until it is closed, through outages: each connection begins where the last one
 * ended. The first position comes with the opening itself, so nothing is missed even if nothing was heard yet.
 */
export class NodeEvents {
  /** Resolves when the stream is open for the first time; rejects when it is refused, or closed before. */
  readonly opened: Promise<void>;
  readonly #closed = new AbortController();
  #connection = new AbortController();
  #isOpen: () => void = () => undefined;
  #cannotOpen: (error: Error) => void = () => undefined;
  #lastEventId = '';
  #retryMs: number | undefined;
  #wasOpen = false;
  /** Who wants to know when everything has been heard that was said before the next connection. */
  #asking: (() => void)[] = [];

  constructor(
    private readonly nodeId: string,
    private readonly request: EventsRequest,
    private readonly openings: Limit,
    private readonly ear: NodeEar,
  ) {
    this.opened = new Promise((resolve, reject) => {
      this.#isOpen = resolve;
      this.#cannotOpen = reject;
    });
    // Whoever sends hears of it; nobody has to.
    this.opened.catch(() => undefined);
    void this.#run();
  }

  /** Resolves when everything has been heard that was said before the call: connects anew, which makes the registry say so. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      this.#connection.abort();
    });
  }

  close(): void {
    this.#closed.abort();
    this.#connection.abort();
    this.#cannotOpen(new Error('the transport was closed before the stream was open'));
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#closed.signal.aborted;) {
      this.#connection = new AbortController();
      try {
        const body = await this.openings.run(() => this.#connect());
        failures = 0;
        this.#wasOpen = true;
        this.#isOpen();
        this.ear.well();
        await this.#read(body);
      } catch (error) {
        // What let it in once may do so again: a proxy that restarts refuses, too.
        if (error instanceof RequestRefused && !this.#wasOpen) return this.#giveUp(error);
        failures += 1;
        if (!this.#connection.signal.aborted) this.ear.trouble(`the event stream is away: ${firstCause(error)}`);
      }
      // Not when it was ended to be made anew.
      await pause(backoffMs(failures, this.#retryMs), this.#connection.signal);
    }
  }

  async #connect(): Promise<Dispatcher.ResponseData['body']> {
    const { dispatcher, origin, path, token } = this.request;
    const { statusCode, body } = await dispatcher.request({
      origin,
      path,
      method: 'GET',
      headers: {
        accept: 'text/event-stream',
        ...(await authorization(token)),
        ...(this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId }),
      },
      signal: this.#connection.signal,
      headersTimeout: HEADERS_WITHIN_MS,
      bodyTimeout: SILENT_MS,
    });
    if (statusCode === 200) return body;
    const reason = refusalOf(statusCode, await body.text());
    throw isPassing(statusCode) ? new Error(reason) : new RequestRefused(`the event stream is refused, ${reason}`);
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const parser = new SseParser(this.#lastEventId);
    // Asked before this connection was made; on the next one, if this one ends too early.
    const asking = this.#asking.splice(0);
    try {
      for await (const bytes of body) {
        for (const item of parser.push(bytes)) {
          if (item.kind === 'event') this.ear.event(this.nodeId, item);
          else if (item.text === UP_TO_DATE) for (const heard of asking.splice(0)) heard();
        }
        this.#lastEventId = parser.lastEventId;
        this.#retryMs = parser.retryMs;
      }
    } finally {
      this.#asking.unshift(...asking);
    }
  }

  #giveUp(error: RequestRefused): void {
    this.ear.refused(error.message);
    this.#cannotOpen(error);
  }
}
