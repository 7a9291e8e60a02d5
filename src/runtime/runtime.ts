import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { encode, errorText, headersOf, topicOf, type Message } from '../messages/index.js';
import { Activity } from './activity.js';
import { backoffMs, pause } from './backoff.js';
import type { Bus } from './bus.js';
import { ComponentRegistry } from './component-registry.js';
import { createTransport } from './create-transport.js';
import { createScanner } from './deadlines/create-scanner.js';
import type { DeadlineScanner } from './deadlines/deadline-scanner.js';
import { expiryProbe } from './deadlines/expiry-health.js';
import { Pacing } from './deadlines/pacing.js';
import { HealthRegistry } from './health-registry.js';
import type { Database } from './journal/database.js';
import { countLive } from './journal/due-deadlines.js';
import { Lanes, type Group, type LaneParts } from './lanes/create-lanes.js';
import { DeadLetterLane } from './lanes/dead-letter-lane.js';
import type { Lane } from './lanes/lane.js';
import type { Log } from './log.js';
import { RuntimeMetrics } from './metrics.js';
import type { RuntimeOptions } from './options.js';
import { createBus } from './process-bus.js';
import { LOG, METRICS, RUNTIME_OPTIONS, STATE_DATABASE } from './tokens.js';
import type { Transport } from './transport.js';

/** Puts together what the components handed over: checks the contracts, builds a lane for each group, owns the transport. */
@Injectable()
export class Runtime implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly bus: Bus;
  private readonly metrics: RuntimeMetrics;
  private readonly transport: Transport;
  private readonly pacing: Pacing;
  private readonly activity = new Activity();
  private readonly closing = new AbortController();
  private scanner: DeadlineScanner | undefined;

  constructor(
    @Inject(RUNTIME_OPTIONS) private readonly options: RuntimeOptions,
    @Inject(LOG) private readonly log: Log,
    @Inject(METRICS) metrics: Registry,
    @Inject(STATE_DATABASE) private readonly database: Database,
    private readonly components: ComponentRegistry,
    private readonly health: HealthRegistry,
  ) {
    this.metrics = new RuntimeMetrics(metrics);
    this.transport = createTransport({ options, database, log, metrics: this.metrics, health });
    this.bus = createBus((records) => this.transport.publish(records), this.activity);
    this.pacing = new Pacing({
      timings: options.timings,
      maxHeartbeatsPerSecond: options.deadlines.maxHeartbeatsPerSecond,
      countLive: () => countLive(database.pool),
    });
    health.register({
      name: 'state',
      critical: true,
      check: async () => {
        await database.ping();
        return { message: 'connected' };
      },
    });
    health.register(expiryProbe(database, this.metrics));
  }

  /** Checks every contract, and gives Nest the transport to start. Throws with all problems at once. */
  boot(): Transport {
    const { machines, effects } = this.components.boot();
    const { groups, api } = this.options;
    const parts = this.laneParts();
    const lanes = new Lanes(parts);
    const served: Lane[] = [
      ...machines.flatMap((machine) => lanes.ofMachine(machine)),
      ...effects.flatMap((effect) => lanes.ofEffect(effect)),
    ].filter(({ group }) => groups.includes(group as Group));
    if (api) served.push(new DeadLetterLane(parts));
    this.transport.serve(served, api ? this.activity : undefined);
    return this.transport;
  }

  /** What begins once the transport listens: the scan for deadlines, and the question who is there. */
  start(): void {
    if (!this.options.groups.includes('orchestrator')) return;
    const scanner = createScanner({
      ...this.laneParts(),
      ...this.options.deadlines,
      transport: this.transport,
      pacing: this.pacing,
      timings: this.options.timings,
    });
    this.scanner = scanner;
    // A database that is closed before it was ready has nothing to scan.
    this.database.ready.then(
      () => scanner.start(),
      () => undefined,
    );
    void this.callTheRoll();
  }

  /** Deadlines wait for the next leader; consumers finish what they have. */
  beforeApplicationShutdown(): void {
    this.closing.abort();
    this.scanner?.stop();
  }

  /** Last of all: the consumers are gone, nothing asks the database any more. */
  async onApplicationShutdown(): Promise<void> {
    this.health.close();
    await this.scanner?.close();
    await this.database.close();
  }

  private laneParts(): LaneParts {
    return {
      registryId: this.options.registryId,
      database: this.database,
      publish: (records) => this.transport.publish(records),
      timings: () => this.pacing.current(),
      decided: (nodeIds) => this.activity.decided(nodeIds),
      log: this.log,
      metrics: this.metrics,
    };
  }

  /** Asks every node to introduce itself: whatever the registry has missed while it was away comes up. */
  private async callTheRoll(): Promise<void> {
    const { registryId } = this.options;
    const eventId = randomUUID();
    const message: Message<'REGISTRY_REQUEST_INTROSPECTION'> = {
      eventId,
      eventType: 'REGISTRY_REQUEST_INTROSPECTION',
      eventTimestamp: new Date().toISOString(),
      sourceNodeId: registryId,
      correlationId: eventId,
      causationId: null,
      payload: { nodeId: registryId, targetNodeId: undefined },
    };
    const record = {
      topic: topicOf(message.eventType),
      key: registryId,
      value: encode(message),
      headers: headersOf(message),
    };
    for (let attempt = 0; !this.closing.signal.aborted; attempt++) {
      try {
        await this.transport.publish([record]);
        this.log.info('asked all nodes to introduce themselves');
        return;
      } catch (error) {
        this.log.debug({ error: errorText(error) }, 'the nodes are asked as soon as the log takes messages');
        await pause(backoffMs(attempt), this.closing.signal);
      }
    }
  }
}
