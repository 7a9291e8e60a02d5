import type { Message } from '../../messages/index.js';

/** Which message a request became: what its line in the log, and its span, name it by. */
export type NotedMessage = {
  readonly nodeId: string | null;
  readonly eventId: string;
  /** Null where the request was answered by an earlier message: its id is all that is in hand. */
  readonly correlationId: string | null;
};

/** By the headers of the request: every handler that makes a message has them in hand, and they go when the request goes. */
const noted = new WeakMap<object, NotedMessage>();

export function noteMessage(headers: object, { eventId, correlationId, payload }: Message): void {
  noted.set(headers, { nodeId: payload.nodeId ?? null, eventId, correlationId });
}

/** The request was one that was made before: what was noted is not sent, and this message stands for it. */
export function noteEarlierMessage(headers: object, eventId: string): void {
  noted.set(headers, { nodeId: noted.get(headers)?.nodeId ?? null, eventId, correlationId: null });
}

export function messageOf(headers: object): NotedMessage | undefined {
  return noted.get(headers);
}
