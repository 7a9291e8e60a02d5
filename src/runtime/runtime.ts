import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { TopicNames, type Backend, type TopicSuffix } from '../messages/index.js';
import { ComponentRegistry } from './component-registry.js';
import type { Contract } from './contracts/contract.js';
import { HealthRegistry } from './health-registry.js';
import type { Database } from './journal/database.js';
import { Journal } from './journal/journal.js';
import { createKafka } from './kafka/kafka-client.js';
import { KafkaTransport } from './kafka/kafka-transport.js';
import { EffectLane } from './lanes/effect-lane.js';
import type { Lane, OutgoingRecord } from './lanes/lane.js';
import { MachineLane } from './lanes/machine-lane.js';
import { Machine } from './lanes/machine.js';
import type { Timings } from './lanes/step.js';
import type { Log } from './log.js';
import { RuntimeMetrics } from './metrics.js';
import { LOG, METRICS, RUNTIME_OPTIONS, STATE_DATABASE } from './tokens.js';

/** Consumer groups that a process can run, without their prefix. */
export type Group = Contract['consumes'][number]['group'];

export type RuntimeOptions = {
  readonly registryId: string;
  readonly kafkaBrokers: readonly string[];
  readonly topicPrefix: string;
  readonly groupPrefix: string;
  readonly topicPartitions: number;
  readonly databaseUrl: string;
  /** Groups that this process takes part in. */
  readonly groups: readonly Group[];
  readonly timings: Timings;
  /** The process cannot do its work, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

/** Puts together what the components handed over: checks the contracts, builds a lane for each group, owns the transport. */
@Injectable()
export class Runtime implements OnApplicationShutdown {
  private readonly metrics: RuntimeMetrics;
  private readonly journal: Journal;
  private readonly kafka: KafkaTransport;

  constructor(
    @Inject(RUNTIME_OPTIONS) private readonly options: RuntimeOptions,
    @Inject(LOG) private readonly log: Log,
    @Inject(METRICS) metrics: Registry,
    @Inject(STATE_DATABASE) private readonly database: Database,
    private readonly components: ComponentRegistry,
    private readonly health: HealthRegistry,
  ) {
    this.metrics = new RuntimeMetrics(metrics);
    this.journal = new Journal(database);
    this.kafka = new KafkaTransport({
      kafka: createKafka(options.kafkaBrokers, `rollcall-${options.registryId}`, log),
      names: new TopicNames(options.topicPrefix),
      groupPrefix: options.groupPrefix,
      partitions: options.topicPartitions,
      log,
      metrics: this.metrics,
      health,
      onFatal: options.onFatal,
    });
    health.register({
      name: 'state',
      critical: true,
      check: async () => {
        await database.ping();
        return { message: 'connected' };
      },
    });
  }

  /** Checks every contract, and gives Nest the transport to start. Throws with all problems at once. */
  transport(): KafkaTransport {
    const { machines, effects } = this.components.boot();
    const lanes = [
      ...machines.flatMap(({ contract, routing }) => {
        const machine = new Machine(contract, routing, this.options.registryId);
        return this.lanesOf(contract, new MachineLane({ machine, timings: this.options.timings, ...this.shared() }));
      }),
      ...effects.flatMap(({ contract, routing }) =>
        groupsOf(contract).flatMap((group) => {
          const backend = group as Backend;
          const { registryId } = this.options;
          return this.lanesOf(
            contract,
            new EffectLane({ backend, contract, routing, registryId, ...this.shared() }),
            group,
          );
        }),
      ),
    ];
    this.kafka.serve(lanes.filter(({ group }) => this.options.groups.includes(group as Group)));
    return this.kafka;
  }

  /** Last of all: the consumers are gone, nothing asks the database any more. */
  async onApplicationShutdown(): Promise<void> {
    this.health.close();
    await this.database.close();
  }

  private shared() {
    return {
      journal: this.journal,
      publish: (records: readonly OutgoingRecord[]) => this.kafka.publish(records),
      log: this.log,
      metrics: this.metrics,
    };
  }

  /** One lane for each group, all handing their records to the same loop. */
  private lanesOf(contract: Contract, loop: Pick<Lane, 'handle'>, only?: Group): readonly Lane[] {
    return groupsOf(contract)
      .filter((group) => only === undefined || group === only)
      .map((group) => ({
        group,
        topics: contract.consumes.filter((entry) => entry.group === group).map(({ topic }) => topic as TopicSuffix),
        handle: (records) => loop.handle(records),
      }));
  }
}

function groupsOf({ consumes }: Contract): readonly Group[] {
  return [...new Set(consumes.map(({ group }) => group))];
}
