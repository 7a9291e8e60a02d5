import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { errorText } from '../../messages/index.js';
import { EVENT_SOURCE, LOG, type Bounds, type EventSource, type Log } from '../../runtime/index.js';
import { StreamSlots, tooManyStreams } from '../gateway/stream-slots.js';
import { Problem } from '../http/problem.js';
import { amended, type Amended } from './amended.js';
import { CatchingUp } from './catching-up.js';
import { EventMetrics } from './event-metrics.js';
import { Follower } from './follower.js';
import type { Following, Listener, LossReason, Start } from './listener.js';
import { LiveTail } from './live-tail.js';

/** Of this process, over both protocols. */
export const MAX_FOLLOWERS = 500;
const TICK_MS = 1000;

/**
 * Who follows the events of the fleet in this process. All who have come to the present share one tail of the log; who comes with a
 * cursor, or was too slow, reads the log by himself until he has come there. Nothing is kept for anybody: a place in the log is all that
 * there is of a follower, and what he comes back with, here or at another replica. With nobody here the log is not read.
 */
@Injectable()
export class FleetHub implements BeforeApplicationShutdown {
  private readonly followers = new Set<Follower>();
  /** Those that are about to follow. */
  private opening = 0;
  private tail: LiveTail | undefined;
  private starting: Promise<LiveTail> | undefined;
  private readonly catchingUp: CatchingUp;
  private ticking: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    @Inject(EVENT_SOURCE) private readonly source: EventSource,
    @Inject(LOG) private readonly log: Log,
    @Inject(StreamSlots) private readonly slots: StreamSlots,
    @Inject(EventMetrics) private readonly metrics: EventMetrics,
  ) {
    this.catchingUp = new CatchingUp(source, log, (follower) => this.amend(follower));
  }

  /**
   * From then on the listener hears events; `begun` is called before the first of them. Throws a problem: `too-many-streams`, or
   * `log-unavailable` while nobody knows where the log ends.
   */
  async open(listener: Listener, start: Start, begun: (following: Following) => void): Promise<void> {
    this.refuseIfFull();
    const release = this.slots.take();
    this.opening += 1;
    try {
      const tail = await this.present();
      const { place, loss } = await this.placeOf(start, tail, listener);
      this.refuseIfStopping();
      const follower = new Follower(listener, tail, place);
      this.add(follower, release, begun);
      if (loss !== null) this.tellLoss(follower, loss);
      if (follower.isClosed) return;
      if (start === 'now') tail.join(follower);
      else this.catchingUp.add(follower);
    } catch (error) {
      if (!(error instanceof Problem)) this.log.debug({ error: errorText(error) }, 'nobody can follow events now');
      release();
      throw error instanceof Problem ? error : logUnavailable();
    } finally {
      this.opening -= 1;
      this.restIfAlone();
    }
  }

  /** Before the server closes, which would wait for every open stream. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    this.catchingUp.stop();
    for (const follower of [...this.followers]) follower.listener.end('stopping', follower.cursor());
    this.restIfAlone();
  }

  private refuseIfFull(): void {
    this.refuseIfStopping();
    if (this.followers.size + this.opening >= MAX_FOLLOWERS) throw tooManyStreams();
  }

  private refuseIfStopping(): void {
    if (this.isStopping) throw tooManyStreams();
  }

  private add(follower: Follower, release: () => void, begun: (following: Following) => void): void {
    const { protocol } = follower.listener;
    this.followers.add(follower);
    this.metrics.followers(protocol, 1);
    this.ticking ??= setInterval(() => this.tick(), TICK_MS).unref();
    begun({
      cursor: () => follower.cursor(),
      goOn: () => {
        if (follower.state === 'blocked') this.catchingUp.add(follower);
      },
      close: () => {
        if (!this.followers.delete(follower)) return;
        follower.close();
        this.catchingUp.leave(follower);
        this.metrics.followers(protocol, -1);
        release();
        this.restIfAlone();
      },
    });
  }

  /** The tail; for the first one to come, from the present end of the log. */
  private async present(): Promise<LiveTail> {
    if (this.tail !== undefined) return this.tail;
    this.starting ??= this.source.bounds().then((bounds) => this.follow(bounds));
    try {
      return await this.starting;
    } finally {
      this.starting = undefined;
    }
  }

  private follow(bounds: Bounds): LiveTail {
    this.tail = new LiveTail(this.source, bounds, {
      blocked: (follower) => (follower.state = 'blocked'),
      reached: (follower) => this.catchingUp.add(follower),
      lost: (follower) => this.tellLoss(follower, 'expired'),
    });
    return this.tail;
  }

  private async placeOf(start: Start, tail: LiveTail, { filter }: Listener): Promise<Amended> {
    if (start === 'now') return { place: tail.place.copy(), loss: null };
    // Read after the cursor was given out: one of this log is not beyond them.
    const bounds = await this.source.bounds();
    return start === 'earliest' ? { place: bounds.first, loss: null } : amended(start, bounds, filter);
  }

  /** The log has overtaken one who reads. */
  private async amend(follower: Follower): Promise<void> {
    const bounds = await this.source.bounds();
    const cursor = { fingerprint: follower.tail.fingerprint, place: follower.place };
    const { place, loss } = amended(cursor, bounds, follower.listener.filter);
    follower.place = place;
    if (loss !== null) this.tellLoss(follower, loss);
  }

  private tellLoss(follower: Follower, reason: LossReason): void {
    if (follower.isClosed) return;
    this.metrics.lost(reason);
    follower.listener.lost(reason, follower.cursor());
  }

  private tick(): void {
    const now = performance.now();
    for (const follower of [...this.followers]) {
      const { listener } = follower;
      if (listener.tick(now, () => follower.cursor())) continue;
      this.metrics.letGo(listener.protocol);
      listener.end('stalled', follower.cursor());
    }
  }

  /** With nobody here, and nobody about to come. */
  private restIfAlone(): void {
    if (this.followers.size + this.opening > 0) return;
    this.tail?.stop();
    this.tail = undefined;
    clearInterval(this.ticking);
    this.ticking = undefined;
  }
}

function logUnavailable(): Problem {
  return new Problem('log-unavailable', 'The log does not say where it ends. Try again later; /health tells more.');
}
