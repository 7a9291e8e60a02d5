import { pino } from 'pino';
import { Registry } from 'prom-client';
import { isTopicSuffix, TopicNames, TOPICS, type TopicSuffix } from '../messages/index.js';
import { CONSUMER_SETTINGS } from '../runtime/kafka/consumer-settings.js';
import { RuntimeMetrics } from '../runtime/metrics.js';
import { RegistryTable } from './backends/registry-table.js';
import { SimulatedConsul, type ConsulWrite } from './backends/simulated-consul.js';
import { loadComponents } from './components.js';
import { NodeLink } from './fleet/link.js';
import { SimulatedNode, type Heard } from './fleet/simulated-node.js';
import type { Observer, Seen } from './invariants/observer.js';
import { wireMessage } from './invariants/observer.js';
import { Broker, type Appended } from './kafka/broker.js';
import { Coordinator } from './kafka/coordinator.js';
import type { Plan } from './plan/plan.js';
import { Random } from './random.js';
import { Replica, type ReplicaWorld } from './replica.js';
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

/** Everything that takes part in one run, put together from its plan. */
export class World {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly wire: Wire;
  readonly broker: Broker;
  readonly table: StateTable;
  readonly consul: SimulatedConsul;
  readonly registry = new RegistryTable();
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
  /** What the effects of each process were told last to be desired: by process, by node. */
  private readonly told = new Map<string, Map<string, number>>();
  /** Nodes that Consul may hold as they were: Consul has no fence, and a process can stop between its question and its write. */
  readonly damaged = new Set<string>();
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
    this.consul = new SimulatedConsul(
      (owner) => new Map(this.told.get(owner.name)),
      (write) => {
        this.judgeConsulWrite(write);
        this.tell((observer) => observer.consulWritten?.(write));
      },
    );
    this.sessions = new LeaderSessions(this.time, this.wire, (owner, leads) =>
      this.trace.add(owner.name, leads ? 'leads the scan' : 'no longer leads the scan'),
    );
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
      onDesired: (owner, nodeId, revision) => {
        const known = this.told.get(owner.name) ?? new Map<string, number>();
        this.told.set(owner.name, known.set(nodeId, revision));
      },
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

  private judgeConsulWrite({ owner, serviceId, known }: ConsulWrite): void {
    const nodeId = nodeOfService(serviceId);
    const revision = known.get(nodeId);
    const desired = desiredRevision(this.table, nodeId) ?? 0;
    this.trace.add(
      'consul',
      `${serviceId} written by ${owner.name}, which knew revision ${revision ?? 'none'} of ${desired}`,
    );
    if ((revision ?? 0) >= desired) this.damaged.delete(nodeId);
    else {
      this.damaged.add(nodeId);
      this.note('stale write to Consul, left to the drift audit');
    }
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
