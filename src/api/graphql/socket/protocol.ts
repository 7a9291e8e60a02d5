/** graphql-transport-ws: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
import { z } from 'zod';

export const SUBPROTOCOL = 'graphql-transport-ws';

/** Why a connection is closed; the codes below 4000 are those of WebSocket itself. */
export const CLOSE = {
  goingAway: [1001, 'The server stops; come back'],
  internal: [1011, 'Something unexpected happened'],
  policy: [1008, 'Too many messages'],
  tooBig: [1009, 'The message is too large'],
  tryAgainLater: [1013, 'No more connections now; try again later'],
  badMessage: [4400, 'The message is not one of graphql-transport-ws'],
  unauthorized: [4401, 'Unauthorized'],
  forbidden: [4403, 'Forbidden'],
  badSubprotocol: [4406, 'The subprotocol has to be graphql-transport-ws'],
  initTimeout: [4408, 'Connection initialisation timeout'],
  doubleInit: [4429, 'Too many initialisation requests'],
} as const satisfies Record<string, readonly [number, string]>;
export type CloseReason = keyof typeof CLOSE;

/** One id for two operations at once; the protocol wants the id in the reason. */
export const SUBSCRIBER_EXISTS = 4409;

const id = z.string().min(1).max(255);
const object = z.record(z.string(), z.unknown());
const payload = object.nullish();

const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('connection_init'), payload }),
  z.object({ type: z.literal('ping'), payload }),
  z.object({ type: z.literal('pong'), payload }),
  z.object({ type: z.literal('complete'), id }),
  z.object({
    type: z.literal('subscribe'),
    id,
    payload: z.object({
      query: z.string(),
      operationName: z.string().nullish(),
      variables: object.nullish(),
      extensions: object.nullish(),
    }),
  }),
]);
export type ClientMessage = z.output<typeof clientMessage>;
export type Subscribe = Extract<ClientMessage, { type: 'subscribe' }>['payload'];

export type ServerMessage =
  | { readonly type: 'connection_ack' }
  | { readonly type: 'pong' }
  | { readonly type: 'next' | 'error'; readonly id: string; readonly payload: unknown }
  | { readonly type: 'complete'; readonly id: string };

/** Null for what is no message of a client. */
export function clientMessageOf(text: string): ClientMessage | null {
  try {
    return clientMessage.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
