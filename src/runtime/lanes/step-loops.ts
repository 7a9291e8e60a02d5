import type { TopicSuffix } from '../../messages/index.js';
import type { LogRecord } from './lane.js';
import type { Machine } from './machine.js';
import type { StateStore } from '../journal/state-store.js';
import type { Announced } from '../journal/start-deadlines.js';
import type { Arrival } from './read-arrivals.js';
import { SharedCommit } from './shared-commit.js';
import { StepLoop, type Stored, type StepLoopOptions } from './step-loop.js';

export type StepLoopsOptions = Omit<StepLoopOptions, 'startDeadlines'> & {
  readonly store: Pick<StateStore, 'startDeadlines'>;
};

/** Where there is much to do, the database works on one share's transaction while this process decides for another. */
const SHARES = 3;
/** So much is worth a transaction of its own beside another one: fewer messages have to share what a transaction costs. */
const MANY = 32;
/** How long steps that nobody waits for are put off, so that they share a transaction with others. Milliseconds. */
const PATIENCE_MS = 50;
/** Most messages decided in one transaction, not counting what follows from them in it. */
const MAX_BATCH = 500;
/** Beyond so many that wait, what could be handed over is left in the log. */
const MAX_HANDED_OVER = 10_000;
/** Most deadlines that begin in one statement. */
const MAX_DEADLINES = 2000;

/**
 * The steps of a process, which all its machines and consumer groups bring here: what they deliver at the same time becomes one
 * transaction, and what one machine says to the other is decided in the same. A node's messages have one partition number in all
 * topics, and by that one share, so that they keep their order.
 */
export class StepLoops {
  private readonly all: Machine[] = [];
  private readonly takers = new Map<TopicSuffix, Machine>();
  private readonly commits: SharedCommit<Arrival, Stored>;

  constructor(private readonly options: StepLoopsOptions) {
    const machines = { all: this.all, takers: this.takers };
    const deadlines = new SharedCommit<Announced, void>({
      ...{ shares: 1, maxItems: MAX_DEADLINES, many: MAX_DEADLINES, patienceMs: PATIENCE_MS },
      work: (announced) => options.store.startDeadlines(announced),
    });
    // Whose time begins a little later has a little more of it.
    const startDeadlines = (announced: readonly Announced[]) => deadlines.submit(0, announced, true);
    const ofLoop = { ...options, startDeadlines };
    const loop = new StepLoop(ofLoop, machines, SHARES);
    this.commits = new SharedCommit({
      ...{ shares: SHARES, maxItems: MAX_BATCH, many: MANY, patienceMs: PATIENCE_MS },
      work: (arrivals, shares) => loop.work(arrivals, shares),
    });
  }

  /** A machine of this process, and the topics that its groups in it read. */
  serve(machine: Machine, topics: readonly TopicSuffix[]): void {
    this.all.push(machine);
    for (const topic of topics) this.takers.set(topic, machine);
    this.options.delivery.serve(topics, (handedOver) => {
      if (this.commits.longestBacklog > MAX_HANDED_OVER) return null;
      return this.submit(
        handedOver,
        ({ record }) => record.partition,
        (received) => ({ machine, received }),
        handedOver.every(({ isPatient }) => isPatient === true),
      );
    });
  }

  /** See {@link Lane.handle}. */
  handle(machine: Machine, records: readonly LogRecord[]): Promise<void> {
    return this.submit(
      records,
      ({ partition }) => partition,
      (record) => ({ machine, record }),
    );
  }

  /** All are waited for: nothing may still run when the messages come again. */
  private async submit<T>(
    items: readonly T[],
    partitionOf: (item: T) => number,
    arrivalOf: (item: T) => Arrival,
    arePatient = false,
  ): Promise<void> {
    const shares = new Map<number, Arrival[]>();
    for (const item of items) {
      const share = partitionOf(item) % SHARES;
      const arrivals = shares.get(share);
      if (arrivals === undefined) shares.set(share, [arrivalOf(item)]);
      else arrivals.push(arrivalOf(item));
    }
    const settled = await Promise.allSettled(
      [...shares].map(([share, arrivals]) => this.published(share, arrivals, arePatient)),
    );
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Resolves once all that follows from the messages is stored and published. */
  private async published(share: number, arrivals: readonly Arrival[], arePatient: boolean): Promise<void> {
    const { published } = await this.commits.submit(share, arrivals, arePatient);
    await published;
  }
}
