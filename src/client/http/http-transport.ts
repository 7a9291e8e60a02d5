import { Agent } from 'undici';
import { decodeText, isMessageType, topicOf, type Message } from '../../messages/index.js';
import { firstCause } from '../first-cause.js';
import type { NodeMessageType } from '../node-protocol.js';
import { Reach } from '../reach.js';
import type { Signer } from '../signing.js';
import { TransportUnavailable, type Listener, type MessageHeaders, type Transport } from '../transport.js';
import { backoffMs, pause } from '../waiting.js';
import { authorization, type Token } from './authorization.js';
import { refusalOf } from './failure.js';
import { Limit } from './limit.js';
import { NodeEvents } from './node-events.js';
import { Posts } from './posts.js';
import type { SseItem } from './sse-parser.js';

export type HttpTransportOptions = {
  /** Where the registry is, such as `http://127.0.0.1:3000`; a path before its own is kept. */
  readonly url: string;
  /** Requests under way at once, and streams that are opened at once. */
  readonly concurrency?: number;
  readonly token?: Token;
  readonly headers?: MessageHeaders;
  readonly signer?: Signer;
};

const CONCURRENCY = 64;
const CONNECT_WITHIN_MS = 5000;

/**
 * Nodes that speak through the registry's HTTP gateway. Each has an event stream of its own, hence a connection, which is open before
 * its first message is sent; requests share a pool. What is heard comes in the order in which it happened to the node.
 */
export class HttpTransport implements Transport {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #streams: Agent;
  readonly #openings: Limit;
  readonly #posts: Posts;
  readonly #token: Token | undefined;
  readonly #reach = new Reach();
  readonly #events = new Map<string, NodeEvents>();
  /** The last message of each node that is on its way: the next one waits for it. */
  readonly #tails = new Map<string, Promise<void>>();
  #listener: Listener | undefined;
  #isClosed = false;
  #endOfTurn: NodeJS.Immediate | undefined;

  constructor({ url, concurrency = CONCURRENCY, token, headers, signer }: HttpTransportOptions) {
    this.#token = token;
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`);
    const connect = { timeout: CONNECT_WITHIN_MS };
    this.#agent = new Agent({ connections: concurrency, connect });
    this.#streams = new Agent({ connections: null, connect });
    this.#openings = new Limit(concurrency);
    this.#posts = new Posts({
      dispatcher: this.#agent,
      origin: this.#base.origin,
      pathOf: (nodeId, place) => this.#path(nodeId, place),
      limit: new Limit(concurrency),
      token,
      headers,
      signer,
      trouble: (reason) => this.#reach.away('sending', reason),
      well: () => this.#reach.back('sending'),
    });
  }

  async open(listener: Listener, signal: AbortSignal = new AbortController().signal): Promise<void> {
    this.#listener = listener;
    this.#reach.listener(listener);
    for (let failures = 0; ; failures += 1) {
      const reason = await this.#whyNotReady(signal);
      if (reason === undefined) return this.#reach.back('opening');
      if (signal.aborted) throw new TransportUnavailable(reason);
      this.#reach.away('opening', reason);
      await pause(backoffMs(failures), signal);
    }
  }

  async send(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    if (this.#listener === undefined) throw new Error('the transport is not open');
    await Promise.all(messages.map((message) => this.#inOrder(message)));
  }

  async settle(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const interrupt = () => reject(signal.reason as Error);
      signal.addEventListener('abort', interrupt, { once: true });
      void Promise.all([...this.#events.values()].map((events) => events.settle())).then(() => {
        signal.removeEventListener('abort', interrupt);
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#posts.close();
    for (const events of this.#events.values()) events.close();
    this.#events.clear();
    await Promise.all([this.#agent.destroy(), this.#streams.destroy()]);
  }

  #inOrder(message: Message<NodeMessageType>): Promise<void> {
    const { nodeId } = message.payload;
    const before = this.#tails.get(nodeId) ?? Promise.resolve();
    const sent = before.then(() => this.#say(message));
    const tail = sent
      .catch(() => undefined)
      .then(() => {
        if (this.#tails.get(nodeId) === tail) this.#tails.delete(nodeId);
      });
    this.#tails.set(nodeId, tail);
    return sent;
  }

  async #say(message: Message<NodeMessageType>): Promise<void> {
    if (this.#isClosed) throw new Error('the transport was closed before sending');
    await this.#eventsOf(message.payload.nodeId).opened;
    await this.#posts.send(message);
  }

  #eventsOf(nodeId: string): NodeEvents {
    let events = this.#events.get(nodeId);
    if (events === undefined) {
      const path = this.#path(nodeId, 'events');
      const request = { dispatcher: this.#streams, origin: this.#base.origin, path, token: this.#token };
      events = new NodeEvents(nodeId, request, this.#openings, {
        event: (id, item) => this.#hear(id, item),
        trouble: (reason) => this.#reach.away(path, reason),
        well: () => this.#reach.back(path),
        refused: (reason) => {
          this.#reach.back(path);
          this.#listener?.trouble(reason);
          // Whoever speaks next asks again.
          this.#events.delete(nodeId);
        },
      });
      this.#events.set(nodeId, events);
    }
    return events;
  }

  #hear(nodeId: string, { type, data }: Extract<SseItem, { kind: 'event' }>): void {
    const listener = this.#listener;
    // Types of a later registry are nothing for us.
    if (listener?.knows(nodeId) !== true || !isMessageType(type) || type === 'DEADLINE_PASSED') return;
    // What is said to all nodes reaches each of them by its own stream.
    listener.hear({ nodeId, value: Buffer.from(data), decoded: decodeText(data, topicOf(type)) });
    this.#endOfTurn ??= setImmediate(() => {
      this.#endOfTurn = undefined;
      this.#listener?.heardAll();
    });
  }

  async #whyNotReady(signal: AbortSignal): Promise<string | undefined> {
    const where = `Rollcall at ${this.#base.href}`;
    try {
      const { statusCode, body } = await this.#agent.request({
        origin: this.#base.origin,
        path: `${this.#base.pathname}health/ready`,
        method: 'GET',
        headers: await authorization(this.#token),
        headersTimeout: CONNECT_WITHIN_MS,
        signal,
      });
      const text = await body.text();
      if (statusCode === 200) return undefined;
      return `${where} is there, but not ready (${refusalOf(statusCode, text)}): its /health tells what is missing`;
    } catch (error) {
      return `${where} is not to be had: ${firstCause(error)}`;
    }
  }

  #path(nodeId: string, place: string): string {
    return `${this.#base.pathname}v1/nodes/${nodeId}/${place}`;
  }
}
