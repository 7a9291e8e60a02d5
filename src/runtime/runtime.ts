import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { TopicNames } from '../messages/index.js';
import { Activity } from './activity.js';
import type { Bus } from './bus.js';
import { callTheRoll } from './call-the-roll.js';
import { ComponentRegistry } from './component-registry.js';
import { createTransport } from './create-transport.js';
import type { DeadlineScanner } from './deadlines/deadline-scanner.js';
import { expiryProbe } from './deadlines/expiry-health.js';
import { createAuditor } from './drift/create-auditor.js';
import type { DriftAuditor } from './drift/drift-auditor.js';
import { DriftBell } from './drift/drift-bell.js';
import { driftProbe } from './drift/drift-health.js';
import { Engine } from './engine.js';
import { HealthRegistry } from './health-registry.js';
import type { Database } from './journal/database.js';
import { deadlineStore } from './journal/deadline-store.js';
import { driftStore } from './journal/drift-store.js';
import { Journal } from './journal/journal.js';
import { DRIFT_LOCK, LeaderLock, leadThrough, SCANNER_LOCK } from './journal/leader-lock.js';
import { DeadLetterLane } from './lanes/dead-letter-lane.js';
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
  readonly driftBell = new DriftBell();
  private readonly metrics: RuntimeMetrics;
  private readonly transport: Transport;
  private readonly engine: Engine;
  private readonly activity = new Activity();
  private readonly closing = new AbortController();
  private scanner: DeadlineScanner | undefined;
  private auditor: DriftAuditor | undefined;

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
    this.engine = new Engine({
      options,
      names: new TopicNames(options.topicPrefix),
      store: new Journal(database),
      leadership: leadThrough(new LeaderLock(database, SCANNER_LOCK, log), deadlineStore),
      transport: this.transport,
      decided: (nodeIds) => this.activity.decided(nodeIds),
      log,
      metrics: this.metrics,
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
    health.register(driftProbe(database));
  }

  /** Checks every contract, and gives Nest the transport to start. Throws with all problems at once. */
  boot(): Transport {
    const { api } = this.options;
    const { database, log, metrics } = this;
    const lanes = this.engine.lanes(this.components.boot());
    this.transport.serve(
      api ? [...lanes, new DeadLetterLane({ database, log, metrics })] : lanes,
      api ? this.activity : undefined,
    );
    return this.transport;
  }

  /** What begins once the transport listens: the scan for deadlines, the audit of backends, and the question who is there. */
  start(): void {
    const { groups } = this.options;
    if (groups.includes('consul') || groups.includes('postgres')) {
      this.auditor = this.createAuditor();
      this.startWhenReady(this.auditor);
    }
    if (!groups.includes('orchestrator')) return;
    this.scanner = this.engine.scanner();
    this.startWhenReady(this.scanner);
    void callTheRoll(
      { ...this.options, publish: (records) => this.transport.publish(records), log: this.log },
      this.closing.signal,
    );
  }

  /** Deadlines wait for the next leader; consumers finish what they have. */
  beforeApplicationShutdown(): void {
    this.closing.abort();
    this.scanner?.stop();
    this.auditor?.stop();
  }

  /** Last of all: the consumers are gone, nothing asks the database any more. */
  async onApplicationShutdown(): Promise<void> {
    this.health.close();
    await this.scanner?.close();
    await this.auditor?.close();
    await this.database.close();
  }

  private createAuditor(): DriftAuditor {
    const { options, transport, database, components, metrics, log, driftBell: bell } = this;
    return createAuditor({
      audits: components.audits,
      options: options.drift,
      registryId: options.registryId,
      leadership: leadThrough(new LeaderLock(database, DRIFT_LOCK, log), driftStore),
      publish: (records) => transport.publish(records),
      transport,
      bell,
      metrics,
      log,
    });
  }

  private startWhenReady(loop: { start(): void }): void {
    // A database that is closed before it was ready has nothing to look at.
    this.database.ready.then(
      () => loop.start(),
      () => undefined,
    );
  }
}
