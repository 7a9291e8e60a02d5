import type { ServerResponse } from 'node:http';
import { commentFrame, eventFrame, positionFrame, retryFrame } from '../gateway/frames.js';
import { STREAM_HEADERS } from '../gateway/stream-headers.js';
import type { EventFilter } from './filter.js';
import type { FleetEvent } from './fleet-event.js';
import { LOSSES, type Following, type Listener, type LossReason } from './listener.js';

const RECONNECT_AFTER_MS = 2000;
/** A stream on which nothing was said for this long gets a comment, and the place that it has come to. */
const SILENT_MS = 15_000;
/** A reader that has not read for this long is let go; it comes back with the id of what it heard last. */
const STALLED_MS = 60_000;

/**
 * A reader of server-sent events. What it does not read is not collected here: when its connection takes no more, it says so, and goes
 * on when that has drained.
 */
export class SseListener implements Listener {
  readonly protocol = 'sse';
  private following: Following | undefined;
  private blockedSince: number | undefined;
  private lastWriteAt = 0;
  /** The id that the reader has. */
  private position = '';

  constructor(
    readonly filter: EventFilter,
    private readonly response: ServerResponse,
    /** Told how many events were written. */
    private readonly sent: (events: number) => void,
  ) {}

  /** Answers the request, with the place where the stream begins: a reader that has heard nothing comes back with it. */
  begin(following: Following): void {
    const { response } = this;
    this.following = following;
    response.on('close', () => following.close());
    response.on('error', () => response.destroy());
    response.on('drain', () => {
      this.blockedSince = undefined;
      following.goOn();
    });
    if (response.destroyed) return following.close();
    response.writeHead(200, STREAM_HEADERS);
    this.position = following.cursor();
    this.write(retryFrame(RECONNECT_AFTER_MS) + positionFrame(this.position));
  }

  take(events: readonly FleetEvent[]): boolean {
    this.position = events.at(-1)?.cursor ?? this.position;
    this.sent(events.length);
    return this.write(events.map(({ cursor: id, type, text: data }) => eventFrame({ id, type, data })).join(''));
  }

  lost(reason: LossReason, cursor: string): void {
    this.position = cursor;
    this.write(eventFrame({ id: cursor, type: 'gap', data: JSON.stringify({ reason, detail: LOSSES[reason] }) }));
  }

  upToDate(): void {
    this.write(commentFrame('up to date'));
  }

  tick(now: number, cursor: () => string): boolean {
    if (this.blockedSince !== undefined) return now - this.blockedSince < STALLED_MS;
    if (now - this.lastWriteAt < SILENT_MS) return true;
    const position = cursor();
    // Nothing that its filter lets pass may come for days: its place moves on, or the log would forget what lies behind it.
    this.write(commentFrame('keep-alive') + (position === this.position ? '' : positionFrame(position)));
    this.position = position;
    return true;
  }

  end(): void {
    this.following?.close();
    if (this.blockedSince === undefined) this.response.end();
    else this.response.destroy();
  }

  private write(frames: string): boolean {
    if (this.response.destroyed || this.response.writableEnded) return false;
    this.lastWriteAt = performance.now();
    const flows = this.response.write(frames);
    if (!flows) this.blockedSince ??= this.lastWriteAt;
    return flows;
  }
}
