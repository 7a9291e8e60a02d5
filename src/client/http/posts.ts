import { setMaxListeners } from 'node:events';
import type { Dispatcher } from 'undici';
import type { Message } from '../../messages/index.js';
import type { NodeMessageType } from '../node-protocol.js';
import { firstCause, isPassing, refusalOf, RequestRefused } from './failure.js';
import { backoffMs, pause, type Limit } from './waiting.js';

const ANSWER_WITHIN_MS = 30_000;

const PLACES = {
  NODE_INTROSPECTION: 'introspection',
  NODE_REGISTRATION_ACKED: 'ack',
  NODE_HEARTBEAT: 'heartbeat',
} as const satisfies Record<NodeMessageType, string>;

export type PostsOptions = {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  /** Path of a node's resource on the registry. */
  readonly pathOf: (nodeId: string, place: string) => string;
  readonly limit: Limit;
  readonly trouble: (reason: string) => void;
};

/** What nodes say, as requests. One that got no answer is sent again under the same id, so the registry drops what it has already. */
export class Posts {
  readonly #closed = new AbortController();

  constructor(private readonly options: PostsOptions) {
    // Every request that waits to be sent again listens to it.
    setMaxListeners(0, this.#closed.signal);
  }

  /** Resolves when the message is safe; rejects when it is refused ({@link RequestRefused}), or the transport is closed first. */
  send(message: Message<NodeMessageType>): Promise<void> {
    return this.options.limit.run(() => this.#sendSurely(message));
  }

  close(): void {
    this.#closed.abort();
  }

  async #sendSurely(message: Message<NodeMessageType>): Promise<void> {
    for (let failures = 0; !this.#closed.signal.aborted; failures += 1) {
      try {
        return await this.#post(message);
      } catch (error) {
        if (error instanceof RequestRefused) throw error;
        this.options.trouble(`sending fails, trying again: ${firstCause(error)}`);
      }
      await pause(backoffMs(failures), this.#closed.signal);
    }
    throw new Error('the transport was closed before sending');
  }

  async #post({ eventId, eventType, correlationId, causationId, payload }: Message<NodeMessageType>): Promise<void> {
    const { nodeId, ...body } = payload;
    const { dispatcher, origin, pathOf } = this.options;
    const answer = await dispatcher.request({
      origin,
      path: pathOf(nodeId, PLACES[eventType]),
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-event-id': eventId,
        'x-correlation-id': correlationId,
        ...(causationId === null ? {} : { 'x-causation-id': causationId }),
      },
      body: JSON.stringify(body),
      headersTimeout: ANSWER_WITHIN_MS,
      bodyTimeout: ANSWER_WITHIN_MS,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 202) return;
    const reason = refusalOf(answer.statusCode, text);
    throw isPassing(answer.statusCode) ? new Error(reason) : new RequestRefused(`${eventType} of ${nodeId}: ${reason}`);
  }
}
