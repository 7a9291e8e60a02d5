import type { ServerResponse } from 'node:http';
import type { FeedEntry, FeedPosition } from '../read/node-feed.js';
import { eventId } from './event-id.js';
import { commentFrame, eventFrame, positionFrame, retryFrame } from './frames.js';
import { STREAM_HEADERS } from './stream-headers.js';

const RECONNECT_AFTER_MS = 2000;

/** Most entries that are read for a stream at once. */
const MOST = 16;

/** Said once a reader has heard everything that was in the journal when it came, or came back. */
const UP_TO_DATE = commentFrame('up to date');
const KEEP_ALIVE = commentFrame('');

/** What the hub wants to know of a stream. */
export type StreamEvents = {
  /** A slow reader has caught up with what was sent. */
  readonly drained: (stream: NodeStream) => void;
  readonly closed: (stream: NodeStream) => void;
};

/**
 * One reader of a node's events. What the reader does not read is not collected here: sending stops until it has, and the journal
 * keeps the place. Opening (nobody knows yet where it begins) > open <> blocked > closed.
 */
export class NodeStream {
  /** What is to be sent next; null while it is opening. */
  next: FeedPosition | null = null;
  /** How many entries it makes sense to read for it: one for a reader that could not take all of the last ones, then more again. */
  appetite = MOST;
  private response: ServerResponse | undefined;
  private blockedSince: number | undefined;
  private lastWriteAt = 0;
  private isUpToDate = false;
  /** The newest request that came while the reader did not read: one is as good as many. */
  private missedRequest: string | undefined;

  constructor(
    readonly nodeId: string,
    private readonly types: ReadonlySet<string>,
    private readonly events: StreamEvents,
  ) {}

  /** Answers the request. `position`: the id that a reader has who has heard nothing, so that it can come back without a gap. */
  open(response: ServerResponse, next: FeedPosition, position: string | undefined): void {
    this.response = response;
    this.next = next;
    response.on('close', () => this.events.closed(this));
    response.on('error', () => response.destroy());
    response.on('drain', () => this.drained());
    response.writeHead(200, STREAM_HEADERS);
    this.write(retryFrame(RECONNECT_AFTER_MS) + (position === undefined ? '' : positionFrame(position)));
  }

  /** Whether it makes sense to read for it. */
  get isWritable(): boolean {
    return this.next !== null && this.blockedSince === undefined;
  }

  /** Sends what was read for it; `more` is left in the journal. False when the reader has to read first. */
  deliver(entries: readonly FeedEntry[], more: boolean): boolean {
    const flows = this.send(entries);
    this.appetite = flows ? Math.min(MOST, this.appetite * 2) : 1;
    if (!flows || more || this.isUpToDate) return flows;
    this.isUpToDate = true;
    return this.write(UP_TO_DATE);
  }

  /** Sends a request to introspect that stands in no journal. */
  request(frame: string): void {
    if (this.next === null) return;
    if (this.isWritable) this.write(frame);
    else this.missedRequest = frame;
  }

  /** Keeps proxies and the reader from taking silence for a dead connection, and gives up readers that have stopped to read. */
  tick(now: number, { silentMs, stalledMs }: { readonly silentMs: number; readonly stalledMs: number }): void {
    if (this.blockedSince !== undefined) {
      if (now - this.blockedSince >= stalledMs) this.response?.destroy();
    } else if (this.next !== null && now - this.lastWriteAt >= silentMs) this.write(KEEP_ALIVE);
  }

  /** Ends it; at once where the reader does not take what was sent. */
  end(): void {
    if (this.blockedSince === undefined) this.response?.end();
    else this.response?.destroy();
  }

  private send(entries: readonly FeedEntry[]): boolean {
    for (const { version, outputs } of entries) {
      for (const [index, { message }] of outputs.entries()) {
        if (!this.isBefore(version, index)) continue;
        this.next = { version, index: index + 1 };
        if (!this.types.has(message.event_type)) continue;
        const data = JSON.stringify(message);
        if (!this.write(eventFrame({ id: eventId(version, index), type: message.event_type, data }))) return false;
      }
      if (this.isBefore(version, outputs.length)) this.next = { version: version + 1, index: 0 };
    }
    return true;
  }

  private isBefore(version: number, index: number): boolean {
    const { next } = this;
    return next !== null && (next.version < version || (next.version === version && next.index <= index));
  }

  private write(frame: string): boolean {
    if (this.response === undefined || this.response.destroyed || this.response.writableEnded) return false;
    this.lastWriteAt = performance.now();
    const flows = this.response.write(frame);
    if (!flows) this.blockedSince ??= this.lastWriteAt;
    return flows;
  }

  private drained(): void {
    this.blockedSince = undefined;
    const request = this.missedRequest;
    this.missedRequest = undefined;
    if (request !== undefined) this.write(request);
    this.events.drained(this);
  }
}
