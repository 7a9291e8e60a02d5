import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { BUS, type Bus } from '../../runtime/index.js';
import { CatalogReader } from '../read/catalog.js';

type Waiter = { readonly index: number; readonly end: () => void; readonly fail: (error: unknown) => void };

/** Another process may have written what nobody here hears of. */
const LOOK_EVERY_MS = 1000;
/** A busy fleet gives hints all the time; more looks than this help nobody. */
const LOOK_AT_MOST_EVERY_MS = 50;

/**
 * Lets readers wait for the catalog to change. Whatever happens to nodes is a hint that it may have: then its index is looked
 * at, once for all who wait. Nobody waits: nobody looks.
 */
@Injectable()
export class CatalogWatch implements BeforeApplicationShutdown {
  private readonly waiters = new Set<Waiter>();
  private hint = new AbortController();
  private looking = false;
  private closed = false;

  constructor(
    @Inject(CatalogReader) private readonly catalog: Pick<CatalogReader, 'index'>,
    @Inject(BUS) private readonly bus: Pick<Bus, 'follow'>,
  ) {}

  /** Resolves once the index is above the one given, or `waitMs` are over, or the signal comes. Throws StateUnavailable. */
  async past(index: number, waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.closed || signal.aborted) return;
    let waiter: Waiter | undefined;
    const over = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    try {
      await new Promise<void>((resolve, reject) => {
        this.waiters.add((waiter = { index, end: resolve, fail: reject }));
        over.addEventListener('abort', () => resolve(), { once: true });
        this.hint.abort();
        void this.look();
      });
    } finally {
      this.waiters.delete(waiter!);
      // Who looks finds that nobody waits any more.
      if (this.waiters.size === 0) this.hint.abort();
    }
  }

  /** Everybody is answered with what there is. */
  beforeApplicationShutdown(): void {
    this.closed = true;
    for (const { end } of this.waiters) end();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const hinted = (): void => this.hint.abort();
    const unfollow = this.bus.follow({ heard: hinted, decided: hinted, missed: hinted });
    try {
      while (this.waiters.size > 0) {
        this.hint = new AbortController();
        await this.compare();
        if (this.waiters.size === 0) break;
        await until(this.hint.signal, LOOK_EVERY_MS);
        if (this.waiters.size > 0) await sleep(LOOK_AT_MOST_EVERY_MS);
      }
    } finally {
      unfollow();
      this.looking = false;
    }
  }

  private async compare(): Promise<void> {
    // Who comes while the index is on its way may have read a newer one: that one waits for the next look.
    const there = [...this.waiters];
    try {
      const index = await this.catalog.index();
      for (const waiter of there) if (index > waiter.index) this.dismiss(waiter, waiter.end);
    } catch (error) {
      for (const waiter of there) this.dismiss(waiter, () => waiter.fail(error));
    }
  }

  private dismiss(waiter: Waiter, tell: () => void): void {
    this.waiters.delete(waiter);
    tell();
  }
}

async function until(signal: AbortSignal, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
