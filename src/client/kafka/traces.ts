import type { IHeaders } from 'kafkajs';
import type { Message } from '../../messages/index.js';

type TraceHeaders = Readonly<Record<string, string>>;
type Accepted = { readonly attemptId: string; readonly headers: TraceHeaders };

/**
 * Passes trace headers (W3C Trace Context) on from an *accepted* to its ack, so that both are of one trace. Keeps the newest of each
 * node until it is acknowledged.
 */
export class Traces {
  readonly #accepted = new Map<string, Accepted>();

  heard({ eventType, payload }: Message, headers: IHeaders | undefined): void {
    if (eventType !== 'NODE_REGISTRATION_ACCEPTED' || headers?.['traceparent'] === undefined) return;
    this.#accepted.set(payload.nodeId, { attemptId: payload.attemptId, headers: traceHeadersOf(headers) });
  }

  /** Headers that a message is to go out with. */
  of({ eventType, payload }: Message): TraceHeaders {
    if (eventType !== 'NODE_REGISTRATION_ACKED') return {};
    const accepted = this.#accepted.get(payload.nodeId);
    if (accepted === undefined || accepted.attemptId !== payload.attemptId) return {};
    this.#accepted.delete(payload.nodeId);
    return accepted.headers;
  }
}

function traceHeadersOf({ traceparent, tracestate }: IHeaders): TraceHeaders {
  return {
    traceparent: String(traceparent),
    ...(tracestate === undefined ? {} : { tracestate: String(tracestate) }),
  };
}
