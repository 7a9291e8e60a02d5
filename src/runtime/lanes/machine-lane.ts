import { errorText } from '../../messages/index.js';
import type { Announced } from '../journal/start-deadlines.js';
import type { StateStore } from '../journal/state-store.js';
import { UnstorableData } from '../journal/transact.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import { deadLetterOf } from './dead-letters.js';
import { decideBatch, type Decisions } from './decide-batch.js';
import { GroupCommit } from './group-commit.js';
import { takeIn, type Received } from './intake.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord, type Publish } from './lane.js';
import type { Machine } from './machine.js';
import type { Timings } from './step.js';

export type MachineLaneOptions = {
  readonly machine: Machine;
  readonly journal: Pick<StateStore, 'transact' | 'countNodes' | 'startDeadlines'>;
  readonly publish: Publish;
  /** Told of the nodes of each batch once all that follows from it is stored and published. */
  readonly decided?: (nodeIds: readonly string[]) => void;
  /** Those that hold now, at the fleet's pace. */
  readonly timings: () => Promise<Timings>;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** Most records decided in one transaction. */
const MAX_BATCH = 2000;
/** How long the transport waits before it delivers again what could not be stored or published. */
const RETRY_AFTER_MS = 1000;

/** What is left to do once a batch is stored, in this order. */
type Following = { readonly outgoing: OutgoingRecord[]; readonly announced: Announced[] };

/**
 * The step loop of a pure component: decode, route, load the batch's states in one query, decide in order, store states
 * and journal in one transaction, publish, let the deadlines begin that the outputs tell of, and only then let the
 * transport commit. All consumer groups of a machine in this process share it, so that what they deliver at the same time
 * becomes one transaction.
 */
export class MachineLane {
  private readonly commits: GroupCommit<LogRecord>;

  constructor(private readonly options: MachineLaneOptions) {
    this.commits = new GroupCommit((records) => this.work(records), MAX_BATCH);
  }

  /** See {@link Lane.handle}. */
  handle(records: readonly LogRecord[]): Promise<void> {
    return this.commits.submit(records);
  }

  private async work(records: readonly LogRecord[]): Promise<void> {
    const { machine, metrics } = this.options;
    const { received, deadLetters } = takeIn(
      records,
      (message, { topic }) => machine.refusal(message, topic),
      machine.registryId,
    );
    const outgoing: OutgoingRecord[] = [...deadLetters];
    const announced: Announced[] = [];
    metrics.batch(machine.name, records.length);
    try {
      await metrics.timed(machine.name, 'decide_and_store', () => this.decideAll(received, { outgoing, announced }));
      await metrics.timed(machine.name, 'publish', () => this.options.publish(outgoing));
      await this.startDeadlines(announced);
    } catch (error) {
      throw new LaneUnavailable(`${machine.name}: ${errorText(error)}`, RETRY_AFTER_MS, { cause: error });
    }
    metrics.deadLetters(machine.name, deadLetters.length);
    this.options.decided?.(received.map(({ message }) => message.payload.nodeId ?? ''));
  }

  /** Where the database refuses the data of a batch, the halves are tried, down to the one message that has to go. */
  private async decideAll(batch: readonly Received[], following: Following): Promise<void> {
    if (batch.length === 0) return;
    try {
      const decisions = await this.decide(batch);
      following.outgoing.push(...this.settled(decisions));
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

  private async startDeadlines(announced: readonly Announced[]): Promise<void> {
    if (announced.length === 0) return;
    const { machine, metrics, journal } = this.options;
    await metrics.timed(machine.name, 'start_deadlines', () => journal.startDeadlines(machine.name, announced));
  }

  private async decide(batch: readonly Received[]): Promise<Decisions<Received>> {
    const { machine, journal } = this.options;
    const timings = await this.options.timings();
    const fleetSize =
      machine.fleetLimit === null ? null : await journal.countNodes(machine.name, machine.participatingStatuses);
    const inputs = batch.map(({ message }) => ({ nodeId: message.payload.nodeId ?? '', eventId: message.eventId }));
    return journal.transact(machine.name, inputs, (loaded) =>
      decideBatch(machine, batch, loaded, { timings, fleetSize }),
    );
  }

  private settled({ outgoing, rejected, steps, repeated }: Decisions<Received>): readonly OutgoingRecord[] {
    const { machine, log, metrics } = this.options;
    metrics.repeated(machine.name, repeated);
    for (const { received, from, step } of steps) {
      metrics.step(machine.name, step);
      const level = step.ignored === null ? 'info' : 'debug';
      if (!log.isLevelEnabled(level)) continue;
      log[level](
        {
          machine: machine.name,
          nodeId: received.message.payload.nodeId,
          eventId: received.message.eventId,
          message: received.message.eventType,
          rule: step.rule,
          from,
          to: step.path.at(-1) ?? from,
          outputs: step.outputs.map((output) => output.eventType),
          correlationId: step.correlationId,
        },
        'step',
      );
    }
    return [...outgoing, ...rejected.map(({ received, reason }) => this.reject(received, reason))];
  }

  private reject({ record, message }: Received, reason: string): OutgoingRecord {
    const { machine, log, metrics } = this.options;
    log.error(
      { machine: machine.name, eventId: message.eventId, message: message.eventType, reason },
      'rejected by its handler',
    );
    metrics.deadLetters(machine.name, 1);
    return deadLetterOf(record, 'rejected_by_handler', reason, machine.registryId);
  }
}
