import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { errorText } from '../../messages/index.js';
import { BUS, LOG, type Bus, type Follower, type Log } from '../../runtime/index.js';
import type { Operation } from '../read/operation-store.js';
import { OperationReader } from './operation-reader.js';
import type { Outcome } from './outcome.js';

/** Requests that may wait at once; who comes on top is answered at once. */
const MAX_WATCHES = 1000;
/** Operations of one look into the journal. */
const MAX_LOOKED_AT = 100;

/** One request that waits. Open it before the command is published, so that nothing is missed; close it in any case. */
export type Watch = {
  /** What the operation has come to after at most `ms`; pending when the time is over, or the watch is closed. */
  settled(operation: Operation, ms: number): Promise<Outcome>;
  close(): void;
};

type Open = {
  readonly nodeId: string;
  /** From `settled` on. */
  operation?: Operation;
  /** Something may have happened since the last look. */
  dirty: boolean;
  /** Its time is over: whatever the next look finds is the answer. */
  last: boolean;
  resolve?: (outcome: Outcome) => void;
};

const PENDING: Outcome = { status: 'pending', steps: [] };

/**
 * Waits for commands to be decided. The bus tells which nodes something happened to; the journal then says what. One look at
 * a time, for all who have a reason to look: while it is under way, reasons gather for the next. Nothing here polls.
 */
@Injectable()
export class OperationWatch implements OnModuleDestroy {
  private readonly watches = new Map<string, Set<Open>>();
  private count = 0;
  private looking = false;
  private isStopping = false;
  private unfollow: (() => void) | undefined;

  constructor(
    @Inject(OperationReader) private readonly reader: OperationReader,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Null when too many wait, or the process is on its way out. */
  open(nodeId: string): Watch | null {
    if (this.count >= MAX_WATCHES || this.isStopping) return null;
    const open: Open = { nodeId, dirty: true, last: false };
    this.add(open);
    return {
      settled: (operation, ms) => this.settled(open, operation, ms),
      close: () => this.answer(open, PENDING),
    };
  }

  /** Who waits is answered before the server closes. */
  onModuleDestroy(): void {
    this.isStopping = true;
    for (const open of this.all()) this.answer(open, PENDING);
  }

  private settled(open: Open, operation: Operation, ms: number): Promise<Outcome> {
    if (!this.isOpen(open)) return Promise.resolve(PENDING);
    const timer = setTimeout(() => {
      open.last = true;
      this.look([open]);
    }, ms);
    const settled = new Promise<Outcome>((resolve) => (open.resolve = resolve)).finally(() => clearTimeout(timer));
    open.operation = operation;
    this.look([open]);
    return settled;
  }

  private readonly follower: Follower = {
    heard: (records) => {
      for (const { key } of records) if (key !== null) this.look(this.watches.get(key.toString()) ?? []);
    },
    decided: (nodeIds) => {
      for (const nodeId of nodeIds) this.look(this.watches.get(nodeId) ?? []);
    },
    missed: () => this.look(this.all()),
  };

  private look(watches: Iterable<Open>): void {
    let any = false;
    for (const open of watches) {
      open.dirty = true;
      any = true;
    }
    if (!any || this.looking) return;
    this.looking = true;
    // What one batch of the lanes did to many nodes is looked up at once.
    setImmediate(() => void this.lookUntilClean());
  }

  private async lookUntilClean(): Promise<void> {
    for (let batch = this.takeDirty(); batch.length > 0; batch = this.takeDirty()) {
      const outcomes = await this.outcomesOf(batch);
      for (const open of batch) {
        const outcome = (open.operation && outcomes?.get(open.operation.id)) ?? PENDING;
        if (outcome.status !== 'pending' || open.last) this.answer(open, outcome);
      }
    }
    this.looking = false;
  }

  private takeDirty(): Open[] {
    const batch: Open[] = [];
    for (const open of this.all()) {
      if (!open.dirty || open.operation === undefined) continue;
      open.dirty = false;
      if (batch.push(open) === MAX_LOOKED_AT) break;
    }
    return batch;
  }

  /** Null when the journal cannot be read now: the next thing heard, or the end of the time, is the next chance. */
  private async outcomesOf(batch: readonly Open[]): Promise<ReadonlyMap<string, Outcome> | null> {
    try {
      return await this.reader.outcomes(batch.flatMap(({ operation }) => operation ?? []));
    } catch (error) {
      this.log.warn({ error: errorText(error) }, 'operations that are waited for could not be looked up');
      return null;
    }
  }

  private answer(open: Open, outcome: Outcome): void {
    this.remove(open);
    open.resolve?.(outcome);
  }

  private add(open: Open): void {
    const others = this.watches.get(open.nodeId);
    if (others === undefined) this.watches.set(open.nodeId, new Set([open]));
    else others.add(open);
    this.count += 1;
    this.unfollow ??= this.bus.follow(this.follower);
  }

  private remove(open: Open): void {
    const others = this.watches.get(open.nodeId);
    if (others?.delete(open) !== true) return;
    if (others.size === 0) this.watches.delete(open.nodeId);
    this.count -= 1;
    if (this.count > 0) return;
    this.unfollow?.();
    this.unfollow = undefined;
  }

  private isOpen(open: Open): boolean {
    return this.watches.get(open.nodeId)?.has(open) === true;
  }

  private *all(): Iterable<Open> {
    for (const watches of this.watches.values()) yield* watches;
  }
}
