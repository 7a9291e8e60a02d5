import { SpanKind, type Attributes, type Tracer } from '@opentelemetry/api';
import { errorText, type Message } from '../../messages/index.js';
import {
  backendAttributes,
  messageAttributes,
  sendAttributes,
  storeAttributes,
  type MessagingSystem,
  type Place,
} from './attributes.js';
import { parentOf, type TraceHeaders } from './trace-context.js';
import { TracedSpan } from './traced-span.js';

/** A message that has a span of its own, if tracing is on. */
export type Spanned = { readonly span?: TracedSpan | undefined };

export type TracingParts = {
  readonly tracer: Tracer;
  readonly messagingSystem: MessagingSystem;
  /** Sends what has not been sent. */
  readonly close: () => Promise<void>;
};

/**
 * Spans of this process. A message that is taken has one, under the span that its headers name, and what follows from the message
 * carries that span on: so all of a handshake is one trace, in every process that had a hand in it. Whoever has no Tracing
 * (it is off) makes none, and passes the headers on as they came.
 */
export class Tracing {
  constructor(private readonly parts: TracingParts) {}

  /** Begun as the message is taken; ends when all that follows from it is in the log. */
  message(component: string, message: Message, place: Place, headers: TraceHeaders): TracedSpan {
    const { tracer, messagingSystem } = this.parts;
    const attributes = messageAttributes(messagingSystem, component, message, place);
    const name = `process ${messagingSystem.topicName(place.topic)}`;
    return new TracedSpan(tracer.startSpan(name, { kind: SpanKind.CONSUMER, attributes }, parentOf(headers)));
  }

  /** A request of the api, named by its route. */
  request(method: string, route: string, path: string, headers: TraceHeaders): TracedSpan {
    const attributes = { 'http.request.method': method, 'http.route': route, 'url.path': path, 'url.scheme': 'http' };
    const span = this.parts.tracer.startSpan(
      `${method} ${route}`,
      { kind: SpanKind.SERVER, attributes },
      parentOf(headers),
    );
    return new TracedSpan(span);
  }

  /** One write of the steps of a batch, and of their journal. */
  store<T>(steps: readonly Spanned[], work: () => Promise<T>): Promise<T> {
    return this.together('store steps', SpanKind.CLIENT, steps, storeAttributes(steps.length), work);
  }

  /** One publish of all that follows from a batch. */
  send<T>(causes: readonly Spanned[], records: number, work: () => Promise<T>): Promise<T> {
    const attributes = sendAttributes(this.parts.messagingSystem, records);
    return this.together('send', SpanKind.PRODUCER, causes, attributes, work);
  }

  /** One batch of intents that goes to a backend. */
  apply<T>(
    backend: 'consul' | 'postgres',
    operation: string,
    intents: readonly Spanned[],
    work: () => Promise<T>,
  ): Promise<T> {
    const attributes = backendAttributes(backend, operation, intents.length);
    return this.together(operation, SpanKind.CLIENT, intents, attributes, work);
  }

  /** Nothing is recorded any more. Resolves, after a short while at the latest, once what was recorded is sent. */
  close(): Promise<void> {
    return this.parts.close();
  }

  /**
   * Work that is done once for many messages, each of a trace of its own. It belongs to the first that is recorded, so that a
   * message which comes alone has its whole story in one trace, and it is linked to the others. Where none is recorded it is not, either.
   */
  private async together<T>(
    name: string,
    kind: SpanKind,
    messages: readonly Spanned[],
    attributes: Attributes,
    work: () => Promise<T>,
  ): Promise<T> {
    const [first, ...others] = messages.flatMap(({ span }) => (span?.isRecorded === true ? [span] : []));
    if (first === undefined) return work();
    const links = others.map(({ context }) => ({ context }));
    const span = new TracedSpan(this.parts.tracer.startSpan(name, { kind, links, attributes }, parentOf(first)));
    try {
      return await work();
    } catch (error) {
      span.fail(errorText(error));
      throw error;
    } finally {
      span.end();
    }
  }
}
