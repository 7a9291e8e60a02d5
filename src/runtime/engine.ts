import type { TopicNames } from '../messages/index.js';
import type { Booted } from './component-registry.js';
import { createScanner } from './deadlines/create-scanner.js';
import type { DeadlineScanner } from './deadlines/deadline-scanner.js';
import { Pacing } from './deadlines/pacing.js';
import type { DeadlineStore } from './journal/deadline-store.js';
import type { Leadership } from './journal/leader-lock.js';
import type { StateStore } from './journal/state-store.js';
import { LocalDelivery } from './lanes/local-delivery.js';
import { Lanes, type LaneParts } from './lanes/create-lanes.js';
import type { Lane } from './lanes/lane.js';
import type { RuntimeOptions } from './options.js';
import type { NotaryOf } from './signatures/notary-of.js';
import { Signatures } from './signatures/signatures.js';
import type { Transport } from './transport.js';

export type EngineParts = Pick<LaneParts, 'decided' | 'log' | 'metrics' | 'tracing'> & {
  readonly options: Pick<RuntimeOptions, 'registryId' | 'groups' | 'timings' | 'deadlines'>;
  readonly names: TopicNames;
  readonly store: StateStore;
  readonly leadership: Leadership<DeadlineStore>;
  readonly transport: Pick<Transport, 'publish' | 'progress' | 'isReadHere'>;
  /** Absent: nobody looks at signatures, and the registry signs nothing. */
  readonly notary?: NotaryOf | undefined;
};

/**
 * The loop without its surroundings: the lanes of the components and the scanner of deadlines, on whatever log and store they are
 * given. The registry puts it between Kafka and PostgreSQL, the simulator between its own.
 */
export class Engine {
  private readonly pacing: Pacing;
  private readonly delivery: LocalDelivery;

  constructor(private readonly parts: EngineParts) {
    const { options, store, transport, names } = parts;
    this.delivery = new LocalDelivery({
      names,
      publish: (records) => transport.publish(records),
      isReadHere: (topic, key) => transport.isReadHere(topic, key),
    });
    this.pacing = new Pacing({
      timings: options.timings,
      maxHeartbeatsPerSecond: options.deadlines.maxHeartbeatsPerSecond,
      countLive: () => store.countLive(),
    });
  }

  /** A lane for each group that this process takes part in. */
  lanes({ machines, effects }: Booted): readonly Lane[] {
    const lanes = new Lanes(this.shared(), this.parts.options.groups);
    return [
      ...machines.flatMap((machine) => lanes.ofMachine(machine)),
      ...effects.flatMap((effect) => lanes.ofEffect(effect)),
    ];
  }

  /** One a process that decides workflows; not started yet. */
  scanner(): DeadlineScanner {
    const { options, leadership, transport, notary } = this.parts;
    return createScanner({
      ...this.shared(),
      ...options.deadlines,
      leadership,
      transport,
      notary,
      pacing: this.pacing,
      timings: options.timings,
    });
  }

  private shared(): LaneParts {
    const { options, store, transport, decided, log, metrics, tracing, notary } = this.parts;
    return {
      ...(notary && { signatures: new Signatures({ notary, log, metrics }) }),
      registryId: options.registryId,
      store,
      publish: (records) => transport.publish(records),
      delivery: this.delivery,
      timings: () => this.pacing.current(),
      decided,
      log,
      metrics,
      tracing,
    };
  }
}
