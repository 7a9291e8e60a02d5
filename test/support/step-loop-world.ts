import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { LoadedRows } from '../../src/runtime/journal/rows.js';
import type { Wanted, Written } from '../../src/runtime/journal/transact.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import type { Machine } from '../../src/runtime/lanes/machine.js';
import { StepLoops } from '../../src/runtime/lanes/step-loops.js';
import type { Timings } from '../../src/runtime/lanes/step.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { orchestrator, reducer as REDUCER, topicsOf } from './both-machines.js';
import { LocalLog } from './local-log.js';
import { Storage } from './machines.js';
import { TIMINGS } from './workflow.js';

const log = pino({ level: 'silent' });

type Outage = { broker: Error | null; database: Error | null; deadlines: Error | null; count: Error | null };

/** The step loops of both machines, which write down in which order they store, publish, and let deadlines begin. */
export class StepLoopWorld {
  readonly order: string[] = [];
  readonly storage = new Storage();
  readonly standing = new LocalLog();
  readonly outage: Outage = { broker: null, database: null, deadlines: null, count: null };
  readonly wanted: Wanted[] = [];
  /** Why the database refuses a batch, if it does. */
  refuses: (nodeIds: readonly string[]) => Error | null = () => null;
  pace: Timings = TIMINGS;
  /** Told of each publish by the nodes that it is about; it goes on when this resolves. */
  onPublish: (nodeIds: readonly string[]) => Promise<void> = () => Promise.resolve();
  /** The same of deadlines, by the nodes whose they are. */
  onDeadlines: (nodeIds: readonly string[]) => Promise<void> = () => Promise.resolve();
  /** The same before anything is decided for them. */
  onStore: (nodeIds: readonly string[]) => Promise<void> = () => Promise.resolve();
  private readonly loops: StepLoops;

  /** Unless told otherwise, what the loops publish is read somewhere else. */
  constructor({ readsHere = false, reducer = REDUCER } = {}) {
    this.standing.isReadHere = () => readsHere;
    this.standing.onPublish = async (records) => {
      if (this.outage.broker !== null) throw this.outage.broker;
      this.order.push(`published ${records.length}`);
      await this.onPublish(records.map(({ key }) => String(key)));
    };
    this.loops = new StepLoops({
      store: {
        countNodes: () => Promise.resolve(0),
        transact: (wanted, decide) => this.transact(wanted, decide),
        startDeadlines: (announced) => {
          if (this.outage.deadlines !== null) return Promise.reject(this.outage.deadlines);
          const whose = announced.map(({ machine, nodeId, eventId }) => `${machine} ${nodeId} ${eventId}`);
          this.order.push(`began ${whose.join(' ')}`);
          return this.onDeadlines(announced.map(({ nodeId }) => nodeId));
        },
      },
      delivery: this.standing.delivery,
      decided: (nodeIds) => this.order.push(`decided ${nodeIds.join(' ')}`),
      timings: () => (this.outage.count === null ? Promise.resolve(this.pace) : Promise.reject(this.outage.count)),
      log,
      metrics: new RuntimeMetrics(new Registry()),
    });
    this.loops.serve(orchestrator, topicsOf('orchestrator'));
    this.loops.serve(reducer, topicsOf('reducer'));
  }

  /** All that stands in the log. */
  get published(): readonly LogRecord[] {
    return this.standing.records;
  }

  /** A group of the machine has read these. */
  handle(records: readonly LogRecord[], machine: Machine = orchestrator): Promise<void> {
    return this.loops.handle(machine, records);
  }

  private async transact<D extends Written>(wanted: Wanted, decide: (loaded: LoadedRows) => D): Promise<D> {
    this.wanted.push(wanted);
    const nodeIds = wanted.inputs.map(({ nodeId }) => nodeId);
    await this.onStore(nodeIds);
    const refusal = this.outage.database ?? this.refuses(nodeIds);
    if (refusal !== null) throw refusal;
    const decided = decide(this.storage.load());
    this.storage.keep(decided);
    this.order.push(`stored ${decided.entries.length}`);
    return decided;
  }
}
