import type { Backend, TopicNames, TopicSuffix } from '../messages/index.js';
import { consulEffectThrough } from '../registry-effect/consul/consul-effect.js';
import { createPostgresEffect } from '../registry-effect/postgres/postgres-effect.js';
import { callTheRoll } from '../runtime/call-the-roll.js';
import type { Booted, Routed } from '../runtime/component-registry.js';
import type { DeadlineScanner } from '../runtime/deadlines/deadline-scanner.js';
import type { DriftAuditor } from '../runtime/drift/drift-auditor.js';
import { Engine, type EngineParts } from '../runtime/engine.js';
import { LeaderLock, leadThrough, SCANNER_LOCK } from '../runtime/journal/leader-lock.js';
import { GroupConsumer } from '../runtime/kafka/group-consumer.js';
import { progressOf } from '../runtime/kafka/progress.js';
import { Publisher } from '../runtime/kafka/publisher.js';
import { within } from '../runtime/kafka/within.js';
import type { EffectHandler } from '../runtime/lanes/effect.js';
import type { Lane } from '../runtime/lanes/lane.js';
import type { Timings } from '../runtime/lanes/step.js';
import type { Progress, Transport } from '../runtime/transport.js';
import { HandlerRegistry } from '../runtime/routing/handler-registry.js';
import { HandlerRouting } from '../runtime/routing/handler-routing.js';
import { handsOn, type Hands } from './hands.js';
import { SimulatedKafka } from './kafka/kafka-client.js';
import type { LogWorld } from './kafka/log-world.js';
import { REGISTRY_ID, type ReplicaPlan } from './plan/plan.js';
import { auditorOf, type AuditWorld } from './replica-audit.js';
import { IDLE_SESSION_MS, type LeaderSession } from './stores/leader-sessions.js';
import { deadlineVerbs, replicaStore } from './stores/replica-store.js';
import { Owner } from './time/virtual-time.js';

export type ReplicaWorld = LogWorld &
  AuditWorld & {
    readonly timings: Timings;
    /** The machines, and the contract of the effects, checked once for all. */
    readonly booted: Booted;
    readonly hands: Hands;
    readonly onDesired: (owner: Owner, nodeId: string, revision: number) => void;
    readonly onBreaker: (owner: Owner, backend: string, state: string) => void;
  };

const GROUP_PREFIX = 'sim';
/** A killed process's connections are seen to be closed so soon. */
const NOTICED_AFTER_MS = 30;
const IDLE_IN_TRANSACTION_MS = 10_000;
const LOOK_AT_FROZEN_EVERY_MS = 1000;
const PROGRESS_WITHIN_MS = 2500;
const REQUEST_TIMEOUT_MS = 5000;
/** As long as the product's transport gives what is in hand when it stops. */
const FINISH_WITHIN_MS = 5000;
const RESILIENCE = {
  requestTimeoutMs: REQUEST_TIMEOUT_MS,
  retryAttempts: 3,
  retryBaseMs: 100,
  retryMaxMs: 2000,
  breakerFailures: 3,
  breakerResetMs: 8000,
};

/** A process of the registry: the engine of the runtime over the simulated log, store and backends. Can die, hang, and start anew. */
export class Replica {
  owner: Owner;
  private lives = 0;
  private lanes: readonly Lane[] = [];
  private consumers: readonly GroupConsumer[] = [];
  private scanner: DeadlineScanner | undefined;
  private auditor: DriftAuditor | undefined;
  private closing = new AbortController();

  constructor(
    private readonly index: number,
    private readonly plan: ReplicaPlan,
    private readonly world: ReplicaWorld,
  ) {
    this.owner = new Owner(`r${index}`);
    this.owner.state = 'dead';
  }

  get isUp(): boolean {
    return this.owner.state !== 'dead';
  }

  start(): void {
    if (this.isUp) return;
    this.lives += 1;
    this.owner = new Owner(`r${this.index}.${this.lives}`, this.plan.clockSkewMs);
    this.closing = new AbortController();
    this.world.time.plan(0, this.owner, () => this.boot());
  }

  /** From this moment it does nothing more; what it sent is on its way. */
  kill(): void {
    const { owner } = this;
    const { time, table, sessions } = this.world;
    owner.state = 'dead';
    time.plan(NOTICED_AFTER_MS, time.world, () => {
      table.abortAll((transaction) => transaction.owner === owner);
      sessions.endAll((session) => session.owner === owner);
    });
  }

  /** It stands still. The servers end its sessions when they have heard nothing of it for long enough. */
  freeze(): void {
    if (this.owner.state !== 'running') return;
    this.owner.state = 'frozen';
    this.endIdleSessions(this.owner);
  }

  thaw(): void {
    this.world.time.thaw(this.owner);
  }

  /** Finishes what it has in hand, then goes. */
  stop(stopped: () => void): void {
    const { owner, world, lanes, consumers, scanner, auditor, closing } = this;
    if (owner.state === 'dead') return;
    world.time.plan(0, owner, () => {
      closing.abort();
      scanner?.stop();
      auditor?.stop();
      void finish(lanes, consumers)
        .then(() => Promise.all(consumers.map((consumer) => consumer.close())))
        .then(() => scanner?.close())
        .then(() => auditor?.close())
        .then(() => {
          this.kill();
          stopped();
        });
    });
  }

  private boot(): void {
    const { owner, world, plan } = this;
    const { names, log, metrics, booted } = world;
    const kafka = new SimulatedKafka(owner, world);
    const publisher = new Publisher(kafka as never, names);
    const publish: Transport['publish'] = (records) => publisher.publish(records);
    const transport: EngineParts['transport'] = {
      publish,
      isReadHere: (topic, key) => {
        const partition = world.broker.partitionFor(topic, key);
        return this.consumers.some((consumer) => consumer.assigned().get(topic)?.has(partition));
      },
      progress: (group, topic) => this.progress(kafka, group, topic, names),
    };
    const engine = new Engine({
      options: {
        registryId: REGISTRY_ID,
        groups: plan.groups,
        timings: world.timings,
        deadlines: { scanIntervalMs: 500, maxHeartbeatsPerSecond: 1000, massExpiry: { share: 0.5, minNodes: 4 } },
      },
      names,
      store: replicaStore({ ...world, owner }),
      leadership: leadThrough(new LeaderLock(world.sessions.databaseOf(owner), SCANNER_LOCK, log), (session) =>
        deadlineVerbs(session as unknown as LeaderSession, world.table),
      ),
      transport,
      decided: () => undefined,
      log,
      metrics,
    });
    const { routed, serves } = this.effects(owner);
    const lanes = engine.lanes({ machines: booted.machines, effects: [routed] });
    this.lanes = lanes;
    this.consumers = lanes.map(
      (lane) => new GroupConsumer(kafka as never, `${GROUP_PREFIX}.${lane.group}`, lane, names, log, owner.name),
    );
    for (const consumer of this.consumers) consumer.start();
    if (plan.groups.includes('consul') || plan.groups.includes('postgres')) {
      this.auditor = auditorOf({ owner, world, transport, serves, requestTimeoutMs: REQUEST_TIMEOUT_MS });
      this.auditor.start();
    }
    if (!plan.groups.includes('orchestrator')) return;
    this.scanner = engine.scanner();
    this.scanner.start();
    void callTheRoll({ registryId: REGISTRY_ID, publish, log }, this.closing.signal);
  }

  private async progress(
    kafka: SimulatedKafka,
    group: string,
    topic: TopicSuffix,
    names: TopicNames,
  ): Promise<readonly Progress[]> {
    const asked = progressOf(kafka.admin() as never, `${GROUP_PREFIX}.${group}`, [names.full(topic)]);
    return within(PROGRESS_WITHIN_MS, asked, `no answer within ${PROGRESS_WITHIN_MS} ms`);
  }

  /** The real effects over this replica's connections: breakers and retries are each process's own. */
  private effects(owner: Owner): {
    readonly routed: Routed<EffectHandler>;
    readonly serves: (backend: Backend) => boolean;
  } {
    const { consul, registry, wire, booted, hands, onBreaker } = this.world;
    const reports = (backend: string) => ({
      onBreakerChange: (state: string) => onBreaker(owner, backend, state),
    });
    const effects = {
      consul: consulEffectThrough(consul.clientOf(owner, wire, REQUEST_TIMEOUT_MS), {
        registryId: REGISTRY_ID,
        ...RESILIENCE,
        ...reports('consul'),
      }),
      postgres: createPostgresEffect({ pool: registry.poolOf(owner, wire), ...RESILIENCE, ...reports('postgres') }),
    };
    const handlersOf = (effect: object): readonly EffectHandler[] =>
      Object.values(effect).filter((part): part is EffectHandler => typeof part === 'object');
    const routed = new HandlerRegistry<EffectHandler>();
    for (const handler of handlersOf(effects.consul)) routed.registerHandler(handsOn(handler, owner, hands));
    for (const handler of handlersOf(effects.postgres)) routed.registerHandler(handler);
    const contract = booted.effects[0]?.contract;
    if (contract === undefined) throw new Error('no effect component was handed over');
    const routing = new HandlerRouting(contract, routed);
    routed.freeze();
    routing.init();
    return { routed: { contract, routing }, serves: (backend) => effects[backend].breakerState() !== 'open' };
  }

  private endIdleSessions(owner: Owner): void {
    const { time, table, sessions } = this.world;
    time.plan(LOOK_AT_FROZEN_EVERY_MS, time.world, () => {
      if (owner.state !== 'frozen') return;
      table.abortAll(
        (transaction) =>
          transaction.owner === owner &&
          transaction.idleSince !== null &&
          time.now - transaction.idleSince > IDLE_IN_TRANSACTION_MS,
      );
      sessions.endAll((session) => session.owner === owner && time.now - session.seenAt > IDLE_SESSION_MS);
      this.endIdleSessions(owner);
    });
  }
}

/** As the product's Kafka transport does on its way out: nothing new is taken, what was is finished as far as there is time. */
async function finish(lanes: readonly Lane[], consumers: readonly GroupConsumer[]): Promise<void> {
  const finished = Promise.all(consumers.map((consumer) => consumer.hold())).then(() =>
    Promise.all(lanes.map(async (lane) => lane.settled?.())),
  );
  // What is not finished in time is delivered again.
  await within(FINISH_WITHIN_MS, finished, 'not finished in time').catch(() => undefined);
}
