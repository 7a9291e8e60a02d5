import { errorText } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { DeadlineStore } from '../journal/deadline-store.js';
import type { DueDeadline } from '../journal/due-deadlines.js';
import { KEEP_EVERY_MS, type Leadership } from '../journal/leader-lock.js';
import type { Publish } from '../lanes/lane.js';
import type { DeadlineKind } from '../lanes/step.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Progress } from '../transport.js';
import { Listening } from './listening.js';
import { markerOf, SentMarkers } from './markers.js';
import type { MassExpiryGuard } from './mass-expiry-guard.js';
import type { Pacing } from './pacing.js';

export type DeadlineScannerOptions = {
  readonly lock: Leadership<DeadlineStore>;
  readonly guard: MassExpiryGuard;
  readonly pacing: Pick<Pacing, 'current'>;
  readonly publish: Publish;
  /** How far the consumers of heartbeats are. */
  readonly heartbeatProgress: () => Promise<readonly Progress[]>;
  readonly registryId: string;
  readonly intervalMs: number;
  readonly livenessWindowMs: number;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** Most markers in one publish. */
const PAGE = 2000;
/**
 * A round that asks for long (a large fleet) is followed by a pause so much longer: the scan takes at most a twentieth of a core.
 * Where the pause would be longer still, the database was waited for, which costs nothing: no deadline should wait for it, too.
 */
const REST_FACTOR = 20;
const MAX_REST_MS = 10_000;
const LOOK_EVERY_MS = 1000;

/**
 * Finds deadlines that have passed and publishes a marker for each into the topic that it judges; whether the node was late is
 * decided there, by the order of the log. Every replica has one, one of them leads. Markers of silence are held back until the
 * heartbeats could be heard without a break for the whole time that the node had; each replica listens, so that a new leader
 * need not begin anew.
 */
export class DeadlineScanner {
  private readonly closing = new AbortController();
  private readonly sent = new SentMarkers();
  private readonly listening: Listening;
  private readonly lookEveryMs: number;
  private loops: Promise<unknown> = Promise.resolve();
  /** Of the round in hand; a marker is published once, so that it does not count as scanning. */
  private publishingMs = 0;

  constructor(private readonly options: DeadlineScannerOptions) {
    this.lookEveryMs = Math.max(20, Math.min(LOOK_EVERY_MS, options.livenessWindowMs / 4));
    this.listening = new Listening(this.lookEveryMs);
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

  private async keep(): Promise<number> {
    await this.options.lock.keep();
    return KEEP_EVERY_MS;
  }

  private async scan(): Promise<number> {
    const { lock, intervalMs, metrics } = this.options;
    const started = performance.now();
    this.publishingMs = 0;
    try {
      const store = await lock.lead();
      metrics.leads(store !== null);
      if (store !== null) {
        await this.mark(store, ['ack', 'degraded'], Infinity);
        await this.markSilent(store);
      }
    } catch (error) {
      // Another replica may reach what this one does not; and a connection that hangs is not used again.
      metrics.leads(false);
      await lock.release();
      throw error;
    }
    const scanningMs = performance.now() - started - this.publishingMs;
    return Math.max(intervalMs, Math.min(scanningMs * REST_FACTOR, MAX_REST_MS));
  }

  private async markSilent(store: DeadlineStore): Promise<void> {
    const { guard, pacing } = this.options;
    const timings = await pacing.current();
    const { heardForMs } = this.listening;
    const [first] = await store.due({ kinds: ['liveness'], armedForMs: heardForMs, limit: 1 });
    const admitted = await guard.admits(store, timings, first !== undefined);
    if (admitted && first !== undefined) await this.mark(store, ['liveness'], heardForMs);
  }

  /** Publishes what is due, page by page: a page's rows stay due until their lane has come to the markers. */
  private async mark(store: DeadlineStore, kinds: readonly DeadlineKind[], armedForMs: number): Promise<void> {
    for (let after: DueDeadline | undefined; !this.closing.signal.aborted;) {
      const due = await store.due({ kinds, armedForMs, limit: PAGE, ...(after && { after }) });
      const unsent = this.sent.unsent(due);
      if (unsent.length > 0) await this.publishMarkers(unsent);
      after = due.at(-1);
      if (due.length < PAGE) return;
    }
  }

  private async publishMarkers(due: readonly DueDeadline[]): Promise<void> {
    const { publish, registryId, metrics, log } = this.options;
    const started = performance.now();
    await publish(due.map((deadline) => markerOf(deadline, registryId)));
    this.publishingMs += performance.now() - started;
    this.sent.note(due);
    for (const { kind } of due) metrics.marker(kind);
    log.debug({ markers: due.length }, 'deadlines have passed');
  }
}
