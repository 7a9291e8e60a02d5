import { errorText, type TopicSuffix } from '../../messages/index.js';
import type { StateStore } from '../journal/state-store.js';
import { UnstorableData } from '../journal/transact.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Signatures } from '../signatures/signatures.js';
import type { TracedSpan } from '../tracing/traced-span.js';
import type { Tracing } from '../tracing/tracing.js';
import { deadLetterOf } from './dead-letters.js';
import { decideBatch, type Decisions, type Taken } from './decide-batch.js';
import type { Witness } from './intake.js';
import { LaneUnavailable, type OutgoingRecord } from './lane.js';
import type { LocalDelivery, Sent } from './local-delivery.js';
import type { Machine } from './machine.js';
import { readArrivals, type Arrival, type Arrived } from './read-arrivals.js';
import { endAll, tell, traced } from './step-traces.js';
import type { Timings } from './step.js';

export type StepLoopOptions = {
  readonly store: Pick<StateStore, 'transact' | 'countNodes'>;
  readonly delivery: LocalDelivery;
  /** See {@link StateStore.startDeadlines}. */
  readonly startDeadlines: (announced: Following['announced']) => Promise<void>;
  /** Told of the nodes of each batch once all that it says is stored and published. */
  readonly decided: (nodeIds: readonly string[]) => void;
  /** Those that hold now, at the fleet's pace. */
  readonly timings: () => Promise<Timings>;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Absent: nobody looks at signatures. */
  readonly signatures?: Signatures | undefined;
};

/** How long the transport waits before it delivers again what could not be stored or published. */
const RETRY_AFTER_MS = 1000;

/** Reasons to ignore a message that are about who says it. */
const DOUBTS: readonly string[] = ['unsigned', 'wrong_key'];

/** Those of this process. */
export type Machines = {
  readonly all: readonly Machine[];
  /** Who reads a topic here. */
  readonly takers: ReadonlyMap<TopicSuffix, Machine>;
};
/** What is left to do once a batch is stored, in this order. */
type Following = {
  readonly outgoing: Sent[];
  readonly announced: Decisions['announced'][number][];
  /** To be ended when that is done. */
  readonly spans: Set<TracedSpan>;
};
/** Resolves once all that follows from a batch is published. */
export type Stored = { readonly published: Promise<void> };

/**
 * The step loop of the pure components: decide in order, store states and journal in one transaction, publish, let the deadlines begin
 * that the outputs tell of, and only then let the transport commit. While one batch is decided the one before is published. Batches
 * of a share are published in their order.
 */
export class StepLoop {
  /** By share: what was published last, or is being published. */
  private readonly publishing: Promise<unknown>[];

  constructor(
    private readonly options: StepLoopOptions,
    private readonly machines: Machines,
    shares: number,
  ) {
    this.publishing = Array.from({ length: shares }, () => Promise.resolve());
  }

  /** Messages of these shares; until it resolves, no others of them may come. */
  async work(arrivals: readonly Arrival[], shares: readonly number[]): Promise<Stored> {
    const { metrics, tracing, signatures } = this.options;
    const { steps, deadLetters } = readArrivals(
      arrivals,
      tracing,
      signatures === undefined ? undefined : await witnessOf(signatures),
    );
    const following: Following = {
      outgoing: deadLetters.map(({ letter }) => letter),
      announced: [],
      spans: new Set(tracing === undefined ? [] : steps.flatMap(({ span }) => span ?? [])),
    };
    metrics.batch('steps', arrivals.length);
    try {
      await metrics.timed('steps', 'decide_and_store', () => this.decideAll(steps, following));
    } catch (error) {
      endAll(following.spans, error);
      throw unavailable(error);
    }
    const before = Promise.all(shares.flatMap((share) => this.publishing[share] ?? []));
    const inLog = before.then(() => metrics.timed('steps', 'publish', () => this.publish(steps, following)));
    // The next batch need not wait for the deadlines.
    const settled = inLog.catch(() => undefined);
    for (const share of shares) this.publishing[share] = settled;
    const told = inLog.then(() => {
      for (const { machine } of deadLetters) metrics.deadLetters(machine.name, 1);
      this.options.decided(steps.map(({ message }) => message.payload.nodeId ?? ''));
    });
    const published = this.startDeadlines(following, told);
    // Whoever submitted hears of a failure once the batch before is published.
    published.then(
      () => endAll(following.spans),
      (error: unknown) => endAll(following.spans, error),
    );
    // At most one batch waits behind the one that is being published.
    await before;
    return { published };
  }

  private publish(steps: readonly Arrived[], { outgoing }: Following): Promise<void> {
    const { delivery, tracing } = this.options;
    const publish = (): Promise<void> => delivery.publish(outgoing);
    return tracing === undefined ? publish() : tracing.send(steps, outgoing.length, publish);
  }

  private async startDeadlines({ announced }: Following, told: Promise<void>): Promise<void> {
    const { metrics, startDeadlines } = this.options;
    try {
      await told;
      if (announced.length > 0) await metrics.timed('steps', 'start_deadlines', () => startDeadlines(announced));
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Where the database refuses the data of a batch, the halves are tried, down to the one message that has to go. */
  private async decideAll(batch: readonly Arrived[], following: Following): Promise<void> {
    if (batch.length === 0) return;
    try {
      const decisions = await this.decide(batch);
      following.outgoing.push(...this.settled(decisions, following.spans));
      following.announced.push(...decisions.announced);
    } catch (error) {
      if (!(error instanceof UnstorableData)) throw error;
      const [only, ...others] = batch;
      if (only !== undefined && others.length === 0) {
        following.outgoing.push(this.reject(only, errorText(error)));
        return;
      }
      const middle = batch.length >> 1;
      await this.decideAll(batch.slice(0, middle), following);
      await this.decideAll(batch.slice(middle), following);
    }
  }

  private async decide(batch: readonly Arrived[]): Promise<Decisions<Arrived>> {
    const { store, delivery, tracing } = this.options;
    const { all, takers } = this.machines;
    const timings = await this.options.timings();
    const fleetSize = await this.fleetSize();
    const inputs = batch.map(({ machine, message }) => ({
      machine: machine.name,
      nodeId: message.payload.nodeId ?? '',
      eventId: message.eventId,
    }));
    const takerOf = (topic: TopicSuffix, key: string): Machine | null =>
      delivery.isReadHere(topic, key) ? (takers.get(topic) ?? null) : null;
    const machines = all.map(({ name }) => name);
    // A marker is judged by the deadline that its node has now.
    const looksAtDeadlines = batch.some(({ message }) => message.eventType === 'DEADLINE_PASSED');
    const follow = tracing && ((next: Taken, topic: TopicSuffix) => traced(tracing, next, { topic }));
    const transact = (): Promise<Decisions<Arrived>> =>
      store.transact({ inputs, machines, looksAtDeadlines }, (loaded) =>
        decideBatch(batch, loaded, { timings, fleetSize, takerOf, traced: follow }),
      );
    return tracing === undefined ? transact() : tracing.store(batch, transact);
  }

  /** Only asked for where a contract limits it. */
  private async fleetSize(): Promise<number | null> {
    const limited = this.machines.all.find(({ fleetLimit }) => fleetLimit !== null);
    return limited === undefined
      ? null
      : await this.options.store.countNodes(limited.name, limited.participatingStatuses);
  }

  private settled(
    { outgoing, rejected, steps, repeated }: Decisions<Arrived>,
    spans: Set<TracedSpan>,
  ): readonly Sent[] {
    const { log, metrics } = this.options;
    for (const { machine, span } of repeated) {
      metrics.repeated(machine.name, 1);
      span?.set({ 'rollcall.repeated': true });
    }
    for (const { taken, from, step } of steps) {
      const { machine, message, span } = taken;
      metrics.step(machine.name, message, step);
      const doubt = step.doubt ?? DOUBTS.find((reason) => reason === step.ignored);
      if (doubt !== undefined) this.options.signatures?.doubted(message, doubt);
      if (span !== undefined) {
        tell(span, from, step);
        spans.add(span);
      }
      const level = step.ignored === null ? 'info' : 'debug';
      if (!log.isLevelEnabled(level)) continue;
      log[level](
        {
          machine: machine.name,
          nodeId: message.payload.nodeId,
          eventId: message.eventId,
          message: message.eventType,
          rule: step.rule,
          from,
          to: step.path.at(-1) ?? from,
          outputs: step.outputs.map((output) => output.eventType),
          correlationId: step.correlationId,
          ...span?.ids,
        },
        'step',
      );
    }
    return rejected.length === 0
      ? outgoing
      : [...outgoing, ...rejected.map(({ taken, reason }) => this.reject(taken, reason))];
  }

  private reject({ machine, record, message, span }: Arrived, reason: string): OutgoingRecord {
    const { log, metrics } = this.options;
    const { eventId, eventType, correlationId, payload } = message;
    log.error(
      {
        machine: machine.name,
        nodeId: payload.nodeId,
        eventId,
        message: eventType,
        correlationId,
        reason,
        ...span?.ids,
      },
      'rejected by its handler',
    );
    span?.fail(reason);
    metrics.deadLetters(machine.name, 1);
    return deadLetterOf(record, 'rejected_by_handler', reason, machine.registryId);
  }
}

async function witnessOf(signatures: Signatures): Promise<Witness> {
  try {
    return await signatures.witness();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): LaneUnavailable {
  return new LaneUnavailable(`steps: ${errorText(error)}`, RETRY_AFTER_MS, { cause: error });
}
