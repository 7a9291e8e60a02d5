import type { TopicSuffix } from '../../messages/index.js';
import type { LogRecord } from './lane.js';
import type { Machine } from './machine.js';
import type { StateStore } from '../journal/state-store.js';
import type { Announced } from '../journal/start-deadlines.js';
import { GroupCommit } from './group-commit.js';
import { StepLoop, type Arrival, type StepLoopOptions } from './step-loop.js';

export type StepLoopsOptions = Omit<StepLoopOptions, 'startDeadlines'> & {
  readonly store: Pick<StateStore, 'startDeadlines'>;
};

/** While the database works on one loop's transaction, this process decides for another. */
const LOOPS = 3;
/** Beyond so many that wait, what could be handed over is left in the log. */
const MAX_HANDED_OVER = 10_000;
/** Most deadlines that begin in one statement. */
const MAX_DEADLINES = 2000;

/**
 * The step loops of a process, which all its machines and consumer groups share: what they deliver at the same time becomes one
 * transaction, and what one machine says to the other is decided in the same. A node's messages have one partition number in all
 * topics, and by that one loop, so that they keep their order.
 */
export class StepLoops {
  private readonly all: Machine[] = [];
  private readonly takers = new Map<TopicSuffix, Machine>();
  private readonly loops: readonly StepLoop[];

  constructor(private readonly options: StepLoopsOptions) {
    const machines = { all: this.all, takers: this.takers };
    const deadlines = new GroupCommit<Announced>((announced) => options.store.startDeadlines(announced), MAX_DEADLINES);
    const ofLoop = { ...options, startDeadlines: (announced: readonly Announced[]) => deadlines.submit(announced) };
    this.loops = Array.from({ length: LOOPS }, () => new StepLoop(ofLoop, machines));
  }

  /** A machine of this process, and the topics that its groups in it read. */
  serve(machine: Machine, topics: readonly TopicSuffix[]): void {
    this.all.push(machine);
    for (const topic of topics) this.takers.set(topic, machine);
    this.options.delivery.serve(topics, (handedOver) => {
      if (this.loops.some(({ backlog }) => backlog > MAX_HANDED_OVER)) return null;
      return this.submit(
        handedOver,
        ({ record }) => record.partition,
        (received) => ({ machine, received }),
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
  ): Promise<void> {
    const shares = new Map<StepLoop, Arrival[]>();
    for (const item of items) {
      const loop = this.loopOf(partitionOf(item));
      const arrivals = shares.get(loop);
      if (arrivals === undefined) shares.set(loop, [arrivalOf(item)]);
      else arrivals.push(arrivalOf(item));
    }
    const settled = await Promise.allSettled([...shares].map(([loop, arrivals]) => loop.submit(arrivals)));
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private loopOf(partition: number): StepLoop {
    const loop = this.loops[partition % LOOPS];
    if (loop === undefined) throw new RangeError(`partition ${partition} has no loop`);
    return loop;
  }
}
