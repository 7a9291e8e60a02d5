import { camelCased, type JsonObject } from '../../messages/index.js';
import type { EventFilter } from '../events/filter.js';
import type { FleetEvent } from '../events/fleet-event.js';
import type { Following, Listener, LossReason } from '../events/listener.js';
import { StreamEnded } from '../events/stream-ended.js';
import type { NodeEventModel } from './node-event.model.js';

/** Events that wait until the client has taken those before them. */
const MAX_QUEUED = 500;
/** A client that has not taken one for this long is let go; it comes back with the cursor of the last one. */
const STALLED_MS = 60_000;

type Told = { readonly nodeEvents: NodeEventModel };
type Waiting = { readonly resolve: (result: IteratorResult<Told>) => void; readonly reject: (error: Error) => void };

/** A subscription: a queue with a bound between the log and a client. Where events are lost it ends, with the cursor to go on from. */
export class EventQueue implements Listener, AsyncIterableIterator<Told> {
  readonly protocol = 'graphql';
  private readonly queue: FleetEvent[] = [];
  private following: Following | undefined;
  private waiting: Waiting | undefined;
  private ended: StreamEnded | 'closed' | undefined;
  private isFull = false;
  /** Behind the last event that was taken. */
  private cursor = '';
  private takenAt = performance.now();

  constructor(
    readonly filter: EventFilter,
    private readonly sent: (events: number) => void,
  ) {}

  begin(following: Following): void {
    this.following = following;
    this.cursor = following.cursor();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The client has taken the one before. */
  next(): Promise<IteratorResult<Told>> {
    this.takenAt = performance.now();
    const event = this.queue.shift();
    if (event !== undefined) {
      this.makeRoom();
      return Promise.resolve({ done: false, value: this.told(event) });
    }
    if (this.ended === 'closed') return Promise.resolve(DONE);
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Told>> {
    this.ended = 'closed';
    this.queue.length = 0;
    this.following?.close();
    this.waiting?.resolve(DONE);
    return Promise.resolve(DONE);
  }

  take(events: readonly FleetEvent[]): boolean {
    if (this.ended !== undefined) return false;
    this.queue.push(...events);
    const { waiting } = this;
    const first = waiting && this.queue.shift();
    if (first !== undefined) {
      this.waiting = undefined;
      waiting?.resolve({ done: false, value: this.told(first) });
    }
    this.isFull = this.queue.length >= MAX_QUEUED;
    return !this.isFull;
  }

  /** What is in the queue came before, and is still told. */
  lost(reason: LossReason, cursor: string): void {
    this.finish(new StreamEnded(reason, cursor));
  }

  upToDate(): void {
    // There is no word for it in this protocol.
  }

  tick(now: number): boolean {
    return this.queue.length === 0 || now - this.takenAt < STALLED_MS;
  }

  /** What is in the queue is told again to a client that comes back with the cursor of what it has. */
  end(reason: 'stopping' | 'stalled'): void {
    this.queue.length = 0;
    this.finish(new StreamEnded(reason, this.cursor));
  }

  private finish(how: StreamEnded): void {
    this.ended ??= how;
    this.following?.close();
    this.waiting?.reject(how);
    this.waiting = undefined;
  }

  private makeRoom(): void {
    if (!this.isFull || this.queue.length > MAX_QUEUED / 2) return;
    this.isFull = false;
    this.following?.goOn();
  }

  private told({ cursor, nodeId, type, envelope }: FleetEvent): Told {
    this.cursor = cursor;
    this.sent(1);
    const text = (name: string): string | null => {
      const value = envelope[name];
      return typeof value === 'string' ? value : null;
    };
    return {
      nodeEvents: {
        cursor,
        eventId: text('event_id') ?? '',
        eventType: type,
        nodeId,
        occurredAt: text('event_timestamp') ?? '',
        correlationId: text('correlation_id') ?? '',
        causationId: text('causation_id'),
        payload: camelCased<unknown>(envelope['payload']) as JsonObject,
      },
    };
  }
}

const DONE = { done: true, value: undefined } as const;
