import { setMaxListeners } from 'node:events';
import type { Dispatcher } from 'undici';
import {
  encode,
  ENVELOPE_TYPE,
  HTTP_PUBLIC_KEY_HEADER,
  HTTP_SIGNATURE_HEADER,
  type Message,
} from '../../messages/index.js';
import type { NodeMessageType } from '../node-protocol.js';
import { firstCause } from '../first-cause.js';
import type { Signer } from '../signing.js';
import type { MessageHeaders } from '../transport.js';
import { backoffMs, pause } from '../waiting.js';
import { authorization, type Token } from './authorization.js';
import { isPassing, refusalOf, RequestRefused } from './failure.js';
import type { Limit } from './limit.js';

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
  readonly token?: Token | undefined;
  readonly headers?: MessageHeaders | undefined;
  readonly signer?: Signer | undefined;
  readonly trouble: (reason: string) => void;
  /** The registry answers, after trouble. */
  readonly well?: () => void;
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
        await this.#post(message);
        if (failures > 0) this.options.well?.();
        return;
      } catch (error) {
        if (error instanceof RequestRefused) {
          this.options.well?.();
          throw error;
        }
        this.options.trouble(`sending fails, trying again: ${firstCause(error)}`);
      }
      await pause(backoffMs(failures), this.#closed.signal);
    }
    throw new Error('the transport was closed before sending');
  }

  async #post(message: Message<NodeMessageType>): Promise<void> {
    const { eventType, payload } = message;
    const { nodeId } = payload;
    const { dispatcher, origin, pathOf, token, headers, signer } = this.options;
    const { body, ...said } = signer === undefined ? plain(message) : envelope(message, signer);
    const answer = await dispatcher.request({
      origin,
      path: pathOf(nodeId, PLACES[eventType]),
      method: 'POST',
      headers: {
        ...said.headers,
        ...(await authorization(token)),
        ...headers?.(message, body),
      },
      body,
      headersTimeout: ANSWER_WITHIN_MS,
      bodyTimeout: ANSWER_WITHIN_MS,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 202) return;
    const reason = refusalOf(answer.statusCode, text);
    throw isPassing(answer.statusCode) ? new Error(reason) : new RequestRefused(`${eventType} of ${nodeId}: ${reason}`);
  }
}

type Said = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

/** The registry makes the envelope. */
function plain({ eventId, correlationId, causationId, payload }: Message<NodeMessageType>): Said {
  const { nodeId: _, ...fields } = payload;
  return {
    body: JSON.stringify(fields),
    headers: {
      'content-type': 'application/json',
      'x-event-id': eventId,
      'x-correlation-id': correlationId,
      ...(causationId === null ? {} : { 'x-causation-id': causationId }),
    },
  };
}

/** The very bytes that a node with Kafka would publish, as only these can be signed by the node. */
function envelope(message: Message<NodeMessageType>, signer: Signer): Said {
  const body = encode(message);
  const { signature, publicKey } = signer(message, body);
  return {
    body,
    headers: {
      'content-type': ENVELOPE_TYPE,
      [HTTP_SIGNATURE_HEADER]: signature,
      [HTTP_PUBLIC_KEY_HEADER]: publicKey,
    },
  };
}
