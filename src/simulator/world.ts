import { pino } from 'pino';
import { Registry } from 'prom-client';
import { isTopicSuffix, TopicNames, TOPICS, type Backend, type TopicSuffix } from '../messages/index.js';
import { DRIFT_LOCK, SCANNER_LOCK } from '../runtime/journal/leader-lock.js';
import { CONSUMER_SETTINGS } from '../runtime/kafka/consumer-settings.js';
import { RuntimeMetrics } from '../runtime/metrics.js';
import { RegistryTable } from './backends/registry-table.js';
import { SimulatedConsul, type ConsulWrite } from './backends/simulated-consul.js';
import { loadComponents } from './components.js';
import { NodeLink } from './fleet/link.js';
import { SimulatedNode, type Heard } from './fleet/simulated-node.js';
import { Hands } from './hands.js';
import type { Observer, RepairMessage, Seen } from './invariants/observer.js';
import { wireMessage } from './invariants/observer.js';
import { Broker, type Appended } from './kafka/broker.js';
import { Coordinator } from './kafka/coordinator.js';
import type { Plan } from './plan/plan.js';
import { Random } from './random.js';
import { Replica, type ReplicaWorld } from './replica.js';
import type { AuditEar } from './replica-audit.js';
import { DriftTable } from './stores/drift-table.js';
import { LeaderSessions } from './stores/leader-sessions.js';
import { desiredRevision } from './stores/replica-store.js';
import { StateTable } from './stores/state-table.js';
import { Owner, VirtualTime } from './time/virtual-time.js';
import { Trace } from './trace.js';
import { Wire } from './wire.js';

export const TOPIC_PREFIX = 'sim';

const metrics = new RuntimeMetrics(new Registry());

/** Topics that a node listens to. */
const FOR_NODES: readonly TopicSuffix[] = Object.entries(TOPICS)
  .filter(([, { consumers }]) => (consumers as readonly string[]).includes('node'))
  .map(([topic]) => topic)
  .concat('evt.node-liveness-expired.v1')
  .filter(isTopicSuffix);

type Begun = { readonly owner: Owner; readonly at: number };

/** Everything that takes part in one run, put together from its plan. */
export class World {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly wire: Wire;
  readonly broker: Broker;
  readonly table: StateTable;
  readonly consul: SimulatedConsul;
  readonly registry: RegistryTable;
  readonly drift = new DriftTable();
  readonly link: NodeLink;
  readonly replicas: readonly Replica[];
  readonly nodes = new Map<string, SimulatedNode>();
  readonly coordinators = new Map<string, Coordinator>();
  readonly sessions: LeaderSessions;
  /** What happened how often: rules taken, breakers opened, dead letters. */
  readonly outcomes = new Map<string, number>();
  /** Records that no component can take, by `topic/partition/offset`. */
  readonly rubbish = new Set<string>();
  readonly components = loadComponents();
  readonly names = new TopicNames(TOPIC_PREFIX);
  /** When the audits began, by their ids, and who made them; a request of an operator may be begun more than once. */
  readonly audits = new Map<string, Begun>();
  /** What others have in our backends, as it was: by Consul's node and service, by row. */
  readonly foreign = { entries: new Map<string, string>(), rows: new Map<string, string>() };
  /** When each backend, or what is desired of it, changed last. */
  readonly changedAt: Record<Backend, number> = { consul: 0, postgres: 0 };
  private readonly observers: Observer[] = [];
  private readonly nodeRandom: Random;

  constructor(
    readonly plan: Plan,
    logged?: (line: string) => void,
  ) {
    const { seed } = plan;
    this.time = new VirtualTime(seed);
    this.trace = new Trace(() => this.time.now);
    this.wire = new Wire(this.time, new Random(seed, 'wire'), plan.hazards);
    this.broker = new Broker(this.time, (topic) => 1 + ((plan.partitions + topic.length) % 3), plan.brokerSkewMs);
    this.table = new StateTable(this.time, new Owner('database', plan.databaseSkewMs));
    this.nodeRandom = new Random(seed, 'nodes');
    this.link = new NodeLink({
      time: this.time,
      wire: this.wire,
      broker: this.broker,
      random: new Random(seed, 'link'),
      lost: plan.lost,
      doubled: plan.doubled,
    });
    const hands = new Hands(this.time, (owner, what) =>
      this.tell((observer) => observer.carriedOutBlindly?.(owner, what)),
    );
    this.consul = new SimulatedConsul(
      (owner) => hands.of(owner),
      (write) => this.consulWritten(write),
    );
    this.registry = new RegistryTable((write) => {
      this.changedAt.postgres = this.time.now;
      this.tell((observer) => observer.tableWritten?.(write));
    });
    this.sessions = new LeaderSessions(this.time, this.wire, (owner, lock, leads) => {
      const what = lock === DRIFT_LOCK.id ? DRIFT_LOCK.name : SCANNER_LOCK.name;
      this.trace.add(owner.name, `${leads ? 'leads' : 'no longer leads'} ${what}`);
    });
    const log =
      logged === undefined ? pino({ level: 'silent' }) : pino({ level: 'debug', base: null }, { write: logged });
    const world: ReplicaWorld = {
      time: this.time,
      wire: this.wire,
      broker: this.broker,
      names: this.names,
      table: this.table,
      sessions: this.sessions,
      consul: this.consul,
      registry: this.registry,
      timings: plan.timings,
      markersLost: plan.markersLost,
      booted: this.components.booted,
      log,
      metrics,
      coordinator: (group) => this.coordinator(group),
      random: new Random(seed, 'consumers'),
      producerRetries: plan.producerRetries,
      fetchLimit: plan.fetchLimit,
      drift: this.drift,
      auditIntervalMs: plan.auditIntervalMs,
      auditEar: this.auditEar(),
      hands,
      onDesired: (owner, nodeId, revision) => hands.told(owner, nodeId, revision),
      onBreaker: (owner, backend, state) => {
        this.trace.add(owner.name, `breaker of ${backend}: ${state}`);
        if (state === 'open') this.note(`breaker of ${backend} opened`);
      },
    };
    this.replicas = plan.replicas.map((replica, index) => new Replica(index, replica, world));
    this.broker.onAppend((record) => this.appended(record));
    this.table.onCommit((committed) => {
      for (const { machine, nodeId, rule, path, outputs, eventType } of committed.entries) {
        this.note(`${machine}: ${rule}`);
        this.trace.add(committed.owner.name, `${machine} ${nodeId}: ${eventType} ${rule} ${path} (${outputs.length})`);
        if (machine === 'reducer') this.changedAt.consul = this.changedAt.postgres = this.time.now;
      }
      for (const { machine, nodeId } of committed.rows) {
        if (machine !== 'reducer') continue;
        hands.decides(committed.owner, nodeId, desiredRevision(this.table, nodeId) ?? 0);
      }
      this.tell((observer) => observer.stored?.(committed.rows, committed.entries));
    });
  }

  observe(observer: Observer): void {
    this.observers.push(observer);
  }

  note(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  node(id: string): SimulatedNode {
    let node = this.nodes.get(id);
    if (node === undefined) {
      node = new SimulatedNode(id, this.plan.timings, this.time, this.link, this.nodeRandom);
      this.nodes.set(id, node);
    }
    return node;
  }

  coordinator(group: string): Coordinator {
    let coordinator = this.coordinators.get(group);
    if (coordinator === undefined) {
      coordinator = new Coordinator({
        time: this.time,
        broker: this.broker,
        group,
        sessionTimeoutMs: CONSUMER_SETTINGS.sessionTimeout,
        isAway: () => this.wire.isAway('kafka'),
        onCommit: (name, place, from, to) => {
          this.trace.add('log', `group ${name} at ${place.topic}/${place.partition}: ${from} -> ${to}`);
          this.tell((observer) => observer.offsetCommitted?.(name, place, from, to));
        },
        onGeneration: (name, generation, members) =>
          this.trace.add('log', `group ${name} generation ${generation}: ${members.join(' ')}`),
      });
      this.coordinators.set(group, coordinator);
    }
    return coordinator;
  }

  private consulWritten(write: ConsulWrite): void {
    const { owner, serviceId, inHand } = write;
    const nodeId = nodeOfService(serviceId);
    const revision = inHand.get(nodeId) ?? 0;
    const desired = desiredRevision(this.table, nodeId) ?? 0;
    this.changedAt.consul = this.time.now;
    this.trace.add('consul', `${serviceId} written by ${owner.name}, with revision ${revision} in hand, of ${desired}`);
    // Consul has no fence, and a process can stop between its question and its write.
    if (revision < desired) this.note('stale write to Consul');
    this.tell((observer) => observer.consulWritten?.(write));
  }

  private auditEar(): AuditEar {
    return {
      begun: (owner, auditId) => {
        this.trace.add(owner.name, `begins audit ${auditId}`);
        this.audits.set(auditId, { owner, at: this.time.now });
        this.tell((observer) => observer.auditBegun?.(owner, auditId));
      },
      unread: (owner, backend) => {
        this.trace.add(owner.name, `audit cannot read ${backend}`);
        this.note(`audit could not read ${backend}`);
        this.tell((observer) => observer.backendUnread?.(owner, backend));
      },
      asks: (owner, records, serves) => {
        for (const { value } of records) {
          const repair = wireMessage(value === null ? null : Buffer.from(value)) as RepairMessage | null;
          if (repair === null) throw new Error('the audit publishes what is no message');
          this.note(`repair of ${repair.payload.drift} in ${repair.payload.backend}`);
          this.tell((observer) => observer.repairAsked?.(owner, repair, serves(repair.payload.backend)));
        }
      },
    };
  }

  private tell(hear: (observer: Observer) => void): void {
    for (const observer of this.observers) hear(observer);
  }

  private appended(record: Appended): void {
    const message = wireMessage(record.value);
    const seen: Seen = { ...record, message };
    const { topic, partition, offset } = record;
    this.trace.add(
      'log',
      `${topic}/${partition}@${offset} ${message?.event_type ?? 'rubbish'} ${record.key?.toString() ?? 'no key'}`,
    );
    if (topic === 'dlq.v1') this.note('dead letter');
    if (topic === 'evt.registry-expiry.v1') this.note(message?.event_type ?? 'rubbish');
    this.tell((observer) => observer.appended?.(seen));
    if (message !== null && FOR_NODES.includes(topic))
      this.deliver(topic, message as unknown as Heard & { payload: { node_id: string } });
  }

  /** To the node that it is about, or to all. */
  private deliver(topic: TopicSuffix, message: Heard & { payload: { node_id: string } }): void {
    const { node_id: nodeId, target_node_id: target } = message.payload;
    const toAll = topic === 'evt.registry-request-introspection.v1' && target === undefined;
    for (const node of toAll ? this.nodes.values() : [this.nodes.get(nodeId)]) {
      if (node === undefined || !this.link.passes(node.id)) continue;
      this.time.plan(this.link.hop(), this.time.world, () => node.hear(message));
    }
  }
}

/** `onex-{type}-{node}`: nodes of the simulation have ids that need no more. */
export function nodeOfService(serviceId: string): string {
  return serviceId.replace(/^onex-[a-z]+-/, '');
}

/** Longest that a run may need to come to rest after its faults: everything that it waits for ends well within. */
export const REST_WITHIN_MS = 150_000;
