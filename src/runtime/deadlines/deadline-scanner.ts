import { errorText } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { DeadlineStore } from '../journal/deadline-store.js';
import type { DueDeadline } from '../journal/due-deadlines.js';
import { KEEP_EVERY_MS, type Leadership } from '../journal/leader-lock.js';
import type { Publish } from '../lanes/lane.js';
import type { Upcoming } from '../journal/look-ahead.js';
import type { Timings } from '../lanes/step.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Progress } from '../transport.js';
import type { NotaryOf } from '../signatures/notary-of.js';
import { Listening } from './listening.js';
import { MarkerPublisher } from './marker-publisher.js';
import type { MassExpiryGuard } from './mass-expiry-guard.js';
import { remainingShareOfSilent } from './mass-expiry.js';
import type { Pacing } from './pacing.js';
import { Watch } from './watch.js';

export type DeadlineScannerOptions = {
  readonly lock: Leadership<DeadlineStore>;
  readonly guard: MassExpiryGuard;
  readonly pacing: Pick<Pacing, 'current' | 'counted'>;
  readonly publish: Publish;
  /** See {@link MarkerPublisher}. */
  readonly notary?: NotaryOf | undefined;
  /** How far the consumers of heartbeats are. */
  readonly heartbeatProgress: () => Promise<readonly Progress[]>;
  readonly registryId: string;
  readonly intervalMs: number;
  /** The configured ones: no deadline is armed for less from now on. */
  readonly timings: Timings;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** Most rows read at once, and markers in one publish. */
const PAGE = 2000;
/** While expiry is held back the fleet is counted round for round; a round that takes long is followed by so much longer a rest. */
const REST_FACTOR = 20;
const MAX_REST_MS = 10_000;
const LOOK_EVERY_MS = 1000;
/** Of the time that silent nodes have: consumers that are behind for longer have not heard them. */
const BEHIND_SHARE = 1 / 4;

/**
 * Finds deadlines that have passed and publishes a marker for each into the topic that it judges; whether the node was late is
 * decided there, by the order of the log. Every replica has one, one of them leads. Markers of silence are held back until the
 * heartbeats could be heard without a break for the whole time that the node had; each replica listens, so that a new leader
 * need not begin anew. It knows from a look now and then whose time comes soon, sleeps until then, and reads these rows alone.
 */
export class DeadlineScanner {
  private readonly closing = new AbortController();
  private readonly markers: MarkerPublisher;
  private readonly listening: Listening;
  private readonly lookEveryMs: number;
  /** What the node, or a backend, owes by a time of ours. */
  private readonly owed: Watch;
  private readonly silence: Watch;
  /** Expiry is held back: every round asks whether it still has to be. */
  private held = false;
  private loops: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DeadlineScannerOptions) {
    const { timings, intervalMs } = options;
    this.lookEveryMs = Math.max(20, Math.min(LOOK_EVERY_MS, timings.livenessWindowMs / 4));
    this.listening = new Listening(this.lookEveryMs, timings.livenessWindowMs * BEHIND_SHARE);
    this.markers = new MarkerPublisher(options);
    this.owed = new Watch({
      intervalMs,
      kinds: ['ack', 'degraded'],
      shortestMs: Math.min(timings.ackTimeoutMs, timings.degradedAcceptAfterMs),
      remainingShare: 0,
      recentMs: null,
    });
    this.silence = new Watch({
      intervalMs,
      kinds: ['liveness'],
      shortestMs: timings.livenessWindowMs,
      remainingShare: remainingShareOfSilent(timings),
      recentMs: timings.livenessWindowMs,
    });
  }

  start(): void {
    if (this.closing.signal.aborted) return;
    this.loops = Promise.all([
      this.repeat('listen', () => this.look()),
      this.repeat('scan', () => this.scan()),
      this.repeat('keep the lead', () => this.keep()),
    ]);
  }

  /** Begins no further round. */
  stop(): void {
    this.closing.abort();
  }

  async close(): Promise<void> {
    this.stop();
    await this.loops;
    await this.options.lock.release();
  }

  /** Rounds one after the other, each saying how long to rest; a round that fails is tried again, with growing pauses. */
  private async repeat(what: string, round: () => Promise<number>): Promise<void> {
    const { log } = this.options;
    for (let failures = 0; !this.closing.signal.aborted;) {
      let restMs: number;
      try {
        restMs = await round();
        failures = 0;
      } catch (error) {
        restMs = backoffMs(failures++);
        log[failures === 1 ? 'warn' : 'debug']({ what, error: errorText(error) }, 'the scan for deadlines has to wait');
      }
      await pause(restMs, this.closing.signal);
    }
  }

  private async look(): Promise<number> {
    const progress = await this.options.heartbeatProgress().catch(() => null);
    this.listening.look(progress);
    return this.lookEveryMs;
  }

  private isLogThere(): Promise<boolean> {
    return this.options.heartbeatProgress().then(
      () => true,
      () => false,
    );
  }

  private async keep(): Promise<number> {
    await this.options.lock.keep();
    return KEEP_EVERY_MS;
  }

  private async scan(): Promise<number> {
    const { lock, intervalMs, metrics } = this.options;
    const started = performance.now();
    const publishedMs = this.markers.tookMs;
    try {
      const store = await lock.lead();
      metrics.leads(store !== null);
      if (store === null) {
        this.forget();
        return intervalMs;
      }
      await this.markOwed(store);
      await this.markSilent(store);
    } catch (error) {
      // Another replica may reach what this one does not; and a connection that hangs is not used again.
      metrics.leads(false);
      this.forget();
      await lock.release();
      throw error;
    }
    // A marker is published once, so that it does not count as scanning.
    return this.restMs(performance.now() - started - (this.markers.tookMs - publishedMs));
  }

  private forget(): void {
    this.owed.forget();
    this.silence.forget();
    this.held = false;
  }

  /** Until the next look, or until somebody's time has come; who waits for something else than time is seen to at the interval. */
  private restMs(scanningMs: number): number {
    const { intervalMs } = this.options;
    const now = performance.now();
    const nextMs = Math.max(0, Math.min(this.owed.nextAt, this.silence.nextAt) - now);
    if (!this.held && !this.silence.isWaiting) return nextMs;
    return Math.min(nextMs, Math.max(intervalMs, Math.min(scanningMs * REST_FACTOR, MAX_REST_MS)));
  }

  private async markOwed(store: DeadlineStore): Promise<void> {
    if (this.owed.isLookDue) await this.owed.look(store);
    for (const page of pagesOf(this.owed.take(Infinity))) {
      if (this.closing.signal.aborted) return;
      await this.markers.publish(await dueOf(store, this.owed, page, Infinity));
    }
  }

  private async markSilent(store: DeadlineStore): Promise<void> {
    const { guard, pacing } = this.options;
    const isLookDue = this.silence.isLookDue;
    if (isLookDue) {
      const { armed, tookMs } = await this.silence.look(store);
      pacing.counted(armed, tookMs);
    }
    // Asked first, as a marker that hangs with the log would be before the heartbeats that hang with it.
    const isLogThere = !this.silence.isDue || (await this.isLogThere());
    const { heardForMs } = this.listening;
    const ready = this.silence.take(isLogThere ? heardForMs : 0);
    if (ready.length === 0 && !isLookDue && !this.held) return;
    const timings = await pacing.current();
    let admitted: boolean | undefined;
    const pages = pagesOf(ready);
    for (const [index, page] of pages.entries()) {
      if (this.closing.signal.aborted) return;
      let due = await dueOf(store, this.silence, page, heardForMs);
      if (due.length === 0) continue;
      if (admitted === undefined) {
        admitted = await guard.admits(store, timings, true, this.silence.silenceAtMost);
        // The fleet was counted meanwhile, and a hold ends because nodes speak again: some of those that were due may be among them.
        if (admitted) due = await dueOf(store, this.silence, page, heardForMs);
      }
      if (!admitted) {
        this.silence.putBack(pages.slice(index).flat());
        break;
      }
      this.silence.note(await this.markers.publish(due));
    }
    this.held = !(admitted ?? (await guard.admits(store, timings, false)));
  }
}

/** Those of the candidates whose time has come indeed. */
function dueOf(
  store: DeadlineStore,
  { kinds }: Watch,
  page: readonly Upcoming[],
  armedForMs: number,
): Promise<readonly DueDeadline[]> {
  return store.due({ kinds, armedForMs, nodeIds: page.map(({ nodeId }) => nodeId) });
}

function pagesOf(upcoming: readonly Upcoming[]): readonly (readonly Upcoming[])[] {
  return Array.from({ length: Math.ceil(upcoming.length / PAGE) }, (_, n) => upcoming.slice(n * PAGE, (n + 1) * PAGE));
}
