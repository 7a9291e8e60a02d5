import type { KeyObject } from 'node:crypto';
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
import type { EventSource } from './events/event-source.js';
import { HealthRegistry } from './health-registry.js';
import type { Database } from './journal/database.js';
import { deadlineStore } from './journal/deadline-store.js';
import { driftStore } from './journal/drift-store.js';
import { agreeOnRegistryKey } from './journal/registry-key.js';
import { Journal } from './journal/journal.js';
import { DRIFT_LOCK, LeaderLock, leadThrough, SCANNER_LOCK } from './journal/leader-lock.js';
import { DeadLetterLane } from './lanes/dead-letter-lane.js';
import type { Log } from './log.js';
import { RuntimeMetrics } from './metrics.js';
import type { RuntimeOptions } from './options.js';
import { createBus } from './process-bus.js';
import { LOG, METRICS, RUNTIME_OPTIONS, STATE_DATABASE, TRACING } from './tokens.js';
import { notaryOf, type NotaryOf } from './signatures/notary-of.js';
import type { Tracing } from './tracing/tracing.js';
import { createSnapshots, type Snapshots } from './snapshots/create-snapshots.js';
import type { Transport } from './transport.js';

/** Puts together what the components handed over: checks the contracts, builds a lane for each group, owns the transport. */
@Injectable()
export class Runtime implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly bus: Bus;
  readonly events: EventSource;
  readonly driftBell = new DriftBell();
  private readonly metrics: RuntimeMetrics;
  private readonly transport: Transport;
  private readonly engine: Engine;
  /** Undefined where nobody looks at signatures. */
  private readonly notary: NotaryOf | undefined;
  /** Undefined where another process keeps them. */
  private readonly snapshots: Snapshots | undefined;
  private readonly activity = new Activity();
  private readonly closing = new AbortController();
  private scanner: DeadlineScanner | undefined;
  private auditor: DriftAuditor | undefined;

  constructor(
    @Inject(RUNTIME_OPTIONS) private readonly options: RuntimeOptions,
    @Inject(LOG) private readonly log: Log,
    @Inject(METRICS) metrics: Registry,
    @Inject(STATE_DATABASE) private readonly database: Database,
    @Inject(TRACING) private readonly tracing: Tracing | null,
    private readonly components: ComponentRegistry,
    private readonly health: HealthRegistry,
  ) {
    this.metrics = new RuntimeMetrics(metrics);
    this.transport = createTransport({ options, database, log, metrics: this.metrics, health });
    this.notary = notaryFor(options, database);
    this.bus = createBus((records) => this.transport.publish(records), this.activity, this.notary);
    this.events = this.transport.events;
    this.engine = new Engine({
      options,
      names: new TopicNames(options.topicPrefix),
      store: new Journal(database),
      leadership: leadThrough(new LeaderLock(database, SCANNER_LOCK, log), deadlineStore),
      transport: this.transport,
      decided: (nodeIds) => this.activity.decided(nodeIds),
      log,
      metrics: this.metrics,
      tracing: tracing ?? undefined,
      notary: this.notary,
    });
    const { transport } = this;
    if (options.snapshots)
      this.snapshots = createSnapshots({ options, transport, database, log, metrics: this.metrics });
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
    const { database, log, metrics, snapshots } = this;
    const lanes = [
      ...this.engine.lanes(this.components.boot()),
      ...(snapshots === undefined ? [] : [snapshots.lane]),
      ...(api ? [new DeadLetterLane({ database, log, metrics })] : []),
    ];
    this.transport.serve(lanes, api ? this.activity : undefined);
    return this.transport;
  }

  /** What begins once the transport listens: the scan for deadlines, the audit of backends, and the question who is there. */
  start(): void {
    const { groups } = this.options;
    if (this.snapshots !== undefined) this.startWhenReady(this.snapshots.sweep);
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

  /** What the processes of this registry sign with; undefined where nobody looks. Resolves once the database is there. */
  async ownKey(): Promise<KeyObject | undefined> {
    if (this.notary === undefined) return undefined;
    await this.database.ready;
    return (await this.notary()).privateKey;
  }

  /** Deadlines wait for the next leader; consumers finish what they have. */
  beforeApplicationShutdown(): void {
    this.closing.abort();
    this.scanner?.stop();
    this.auditor?.stop();
    this.snapshots?.sweep.stop();
  }

  /** Last of all: the consumers are gone, nothing asks the database any more. */
  async onApplicationShutdown(): Promise<void> {
    this.health.close();
    await this.scanner?.close();
    await this.auditor?.close();
    await this.snapshots?.sweep.close();
    await this.database.close();
    await this.tracing?.close();
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

function notaryFor({ signedEvents = 'off' }: RuntimeOptions, database: Database): NotaryOf | undefined {
  if (signedEvents === 'off') return undefined;
  return notaryOf(signedEvents, async (key) => agreeOnRegistryKey(database.pool, key));
}
