import type { DeadlineStore } from '../journal/deadline-store.js';
import type { FleetSilence } from '../journal/due-deadlines.js';
import type { Look, Upcoming } from '../journal/look-ahead.js';
import type { DeadlineKind } from '../lanes/step.js';
import { Wheel } from './wheel.js';

export type WatchOptions = {
  readonly kinds: readonly DeadlineKind[];
  /** The shortest that deadlines are armed for from now on. Milliseconds. */
  readonly shortestMs: number;
  /** Between two looks at least. */
  readonly intervalMs: number;
  /** Of its time, what is left to a node that counts as silent (0-1). */
  readonly remainingShare: number;
  /** Within which expired nodes count; null where nobody asks. */
  readonly recentMs: number | null;
};

/** A look is over well before the next deadline that it could not see: one that was armed right behind it, for the shortest time. */
const LOOK_SHARE = 1 / 4;
const MAX_LOOK_EVERY_MS = 10_000;
/** A look reads every deadline: where that takes long (a large fleet), they are further apart, and take a twentieth of a core. */
const REST_FACTOR = 20;
/** So much further than to the next look: that one may begin late. */
const AHEAD_FACTOR = 1.25;

/**
 * Deadlines of some kinds, as far as they pass soon. Every replica moves them, so what is known here is only a candidate: its row
 * is read when its time has come. Looks at all of them are seldom, and miss nothing: whoever is armed anew after a look has more time
 * than until the next one.
 */
export class Watch {
  private wheel = new Wheel<Upcoming>();
  private waiting: readonly Upcoming[] = [];
  private last: { readonly look: Look; readonly validUntil: number } | undefined;
  private lookAt = -Infinity;
  private tookMs = 0;
  private marked = 0;

  constructor(
    private readonly options: WatchOptions,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get kinds(): readonly DeadlineKind[] {
    return this.options.kinds;
  }

  get isLookDue(): boolean {
    return this.clock() >= this.lookAt;
  }

  /** When there is something to look for, or to take. */
  get nextAt(): number {
    return Math.min(this.lookAt, this.wheel.nextAt);
  }

  /** Some are overdue and were not let go yet. */
  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** Somebody's time has come. */
  get isDue(): boolean {
    return this.isWaiting || this.clock() >= this.wheel.nextAt;
  }

  /** Others have led meanwhile, or something failed on the way: the next round begins with a look. */
  forget(): void {
    this.wheel = new Wheel();
    this.waiting = [];
    this.last = undefined;
    this.lookAt = -Infinity;
  }

  /** Reads them all; what was known before is forgotten. Gives how many there are, and how long it took. */
  async look(store: DeadlineStore): Promise<{ readonly armed: number; readonly tookMs: number }> {
    const { kinds, remainingShare, recentMs } = this.options;
    const started = this.clock();
    const everyMs = this.everyMs;
    const aheadMs = everyMs * AHEAD_FACTOR;
    const look = await store.lookAhead({ kinds, aheadMs, remainingShare, recentMs });
    this.tookMs = this.clock() - started;
    // Never early by our clock: who is read before his time has come is not seen again before the next look.
    const offset = this.clock() - look.clock;
    this.wheel = new Wheel();
    for (const upcoming of look.upcoming) this.wheel.add(upcoming, upcoming.at + offset);
    this.waiting = [];
    this.marked = 0;
    // Who speaks, or is armed, right behind the look is not in it, and may count as silent this much later.
    this.last = { look, validUntil: started + Math.min(aheadMs, (1 - remainingShare) * this.shortestMs(look)) };
    // Never beyond what this one has seen; sooner, where it has found shorter deadlines than were known.
    this.lookAt = started + Math.min(everyMs, this.everyMs);
    return { armed: look.armed, tookMs: this.tookMs };
  }

  /** Whose time has come, as far as they were armed for at most so long; the others wait. */
  take(armedForMs: number): readonly Upcoming[] {
    const due = [...this.waiting, ...this.wheel.take(this.clock())];
    this.waiting = due.filter(({ afterMs }) => afterMs > armedForMs);
    return this.waiting.length === 0 ? due : due.filter(({ afterMs }) => afterMs <= armedForMs);
  }

  /** They may not go yet. */
  putBack(upcoming: readonly Upcoming[]): void {
    this.waiting = [...upcoming, ...this.waiting];
  }

  /** So many were marked. */
  note(marked: number): void {
    this.marked += marked;
  }

  /** The most that can be silent now; null where the last look is too old to tell. */
  get silenceAtMost(): FleetSilence | null {
    if (this.last === undefined || this.clock() > this.last.validUntil) return null;
    const { armed, expired, upcoming } = this.last.look;
    return { live: armed, silent: upcoming.length, expired: expired + this.marked };
  }

  private get everyMs(): number {
    const restMs = Math.min(this.tookMs * REST_FACTOR, MAX_LOOK_EVERY_MS);
    const soonEnoughMs = Math.min(this.shortestMs(this.last?.look) * LOOK_SHARE, MAX_LOOK_EVERY_MS);
    return Math.max(this.options.intervalMs, restMs, soonEnoughMs);
  }

  private shortestMs(look: Look | undefined): number {
    return Math.min(this.options.shortestMs, look?.shortestMs ?? Infinity);
  }
}
