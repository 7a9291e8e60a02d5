import { randomUUID } from 'node:crypto';
import { Server } from '@nestjs/microservices';
import type { Admin, Kafka } from 'kafkajs';
import { errorText, type TopicNames, type TopicSuffix } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { HealthRegistry } from '../health-registry.js';
import type { Lane, OutgoingRecord, Position } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Progress, Tap, Transport } from '../transport.js';
import { withAdvice } from '../troubles/advice.js';
import { troubleIn } from '../troubles/trouble.js';
import { EventTap } from './event-tap.js';
import { KafkaEvents } from './events/kafka-events.js';
import { GroupConsumer } from './group-consumer.js';
import { LagMonitor } from './lag-monitor.js';
import { partitionOf } from './partition-of.js';
import { Pace } from './pace.js';
import { progressOf } from './progress.js';
import { Publisher } from './publisher.js';
import { ensureTopics, partitionCounts, TopicError } from './topics.js';
import { within } from './within.js';

/** The process stops within 10 s; what is not finished by then is delivered again. */
const FINISH_WITHIN_MS = 5000;
/** Below what a health probe may take. The admin client alone tries for up to half a minute. */
const PROGRESS_WITHIN_MS = 2500;

export type KafkaTransportOptions = {
  readonly kafka: Kafka;
  readonly names: TopicNames;
  readonly groupPrefix: string;
  readonly partitions: number;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly health: HealthRegistry;
  /** The process cannot do its work, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

/**
 * Kafka as a Nest transport of our own: batches instead of single messages, offsets committed by hand after the lane is
 * done, one consumer a group and one producer for the process. Starts whether Kafka is there or not, and keeps trying.
 */
export class KafkaTransport extends Server implements Transport {
  readonly events: KafkaEvents;
  /** Names this process among the members of its groups. */
  private readonly instance = randomUUID();
  private readonly admin: Admin;
  private readonly publisher: Publisher;
  private consumers: readonly GroupConsumer[] = [];
  private readers: ReadonlyMap<TopicSuffix, readonly GroupConsumer[]> = new Map();
  /** As they were at the start: where a topic has more by now, less is handed over, and nothing is lost. */
  private partitionCounts: ReadonlyMap<TopicSuffix, number> = new Map();
  private lag: LagMonitor | undefined;
  private lanes: readonly Lane[] = [];
  private tap: Tap | undefined;
  private eventTap: EventTap | undefined;
  private started: Promise<void> | undefined;
  private readonly closing = new AbortController();
  private state: 'connecting' | 'consuming' = 'connecting';
  private lastError: string | null = null;

  constructor(private readonly options: KafkaTransportOptions) {
    super();
    this.admin = options.kafka.admin({ retry: { retries: 2 } });
    this.publisher = new Publisher(options.kafka, options.names);
    this.events = new KafkaEvents(options);
    options.health.register({ name: 'kafka', critical: true, check: () => this.check() });
  }

  /** What the consumers will deliver to, and who hears beside them; before {@link listen}. */
  serve(lanes: readonly Lane[], tap?: Tap): void {
    this.lanes = lanes;
    this.tap = tap;
  }

  /** Resolves once all records are in the log, with the place of each, in their order. */
  publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]> {
    return this.publisher.publish(records);
  }

  /** See {@link Transport.isReadHere}. As far as the members of this process know. */
  isReadHere(topic: TopicSuffix, key: string): boolean {
    const partitions = this.partitionCounts.get(topic);
    const readers = this.readers.get(topic);
    if (partitions === undefined || readers === undefined) return false;
    const partition = partitionOf(key, partitions);
    return readers.some((reader) => reader.assigned().get(topic)?.has(partition));
  }

  /** How far a group has come in every partition of a topic. Rejects within 3 s while Kafka is away. */
  async progress(group: string, topic: TopicSuffix): Promise<readonly Progress[]> {
    const { names, groupPrefix } = this.options;
    const groupId = `${groupPrefix}.${group}`;
    try {
      if (this.state === 'connecting') throw new Error(this.notConnected);
      const asked = progressOf(this.admin, groupId, [names.full(topic)]);
      const progress = await within(PROGRESS_WITHIN_MS, asked, `no answer within ${PROGRESS_WITHIN_MS} ms`);
      return progress.map(({ partition, end, committed }) => ({ partition, end, committed }));
    } catch (error) {
      throw new Error(`Kafka does not tell how far group ${groupId} has come in ${names.full(topic)}`, {
        cause: error,
      });
    }
  }

  /** Nest's start. Calls back at once: the process is up whatever is down. */
  listen(callback: (error?: unknown) => void): void {
    this.started = this.start();
    this.started.catch(this.options.onFatal);
    callback();
  }

  /** Stop fetching, finish the batches in hand, commit, leave the groups. */
  async close(): Promise<void> {
    this.closing.abort();
    this.lag?.close();
    await this.started?.catch(() => undefined);
    await this.finish();
    await Promise.all([
      this.events.close(),
      this.eventTap?.close(),
      ...this.consumers.map((consumer) => consumer.close()),
    ]);
    await this.publisher.close();
    await this.admin.disconnect();
  }

  on(): never {
    throw new Error('the Kafka transport has no events to listen to: see the health and metrics of the process');
  }

  unwrap<T>(): T {
    return this.options.kafka as T;
  }

  /** Nothing new is taken; what was taken, and what was handed over since, is finished, as far as there is time. */
  private async finish(): Promise<void> {
    const finished = Promise.all(this.consumers.map((consumer) => consumer.hold())).then(() =>
      Promise.all(this.lanes.map(async (lane) => lane.settled?.())),
    );
    await within(FINISH_WITHIN_MS, finished, 'not finished in time').catch((error: unknown) => {
      this.options.log.warn({ error: errorText(error) }, 'what is still in hand will be delivered again');
    });
  }

  private async start(): Promise<void> {
    const { kafka, names, partitions, groupPrefix, log, metrics } = this.options;
    for (let attempt = 0; !this.closing.signal.aborted; attempt++) {
      try {
        await this.admin.connect();
        await ensureTopics(this.admin, names, partitions);
        this.partitionCounts = await partitionCounts(this.admin, names);
        await this.publisher.connect();
        break;
      } catch (error) {
        if (error instanceof TopicError) throw error;
        this.lastError = errorText(error);
        const retryInMs = backoffMs(attempt);
        log.warn({ error: withAdvice('kafka', this.lastError), retryInMs }, 'Kafka is not reachable, trying again');
        await pause(retryInMs, this.closing.signal);
      }
    }
    if (this.closing.signal.aborted) return;
    const pace = new Pace();
    this.consumers = this.lanes.map(
      (lane) =>
        new GroupConsumer(kafka, `${groupPrefix}.${lane.group}`, lane, names, log, this.instance, () => pace.roundMs()),
    );
    this.readers = readersByTopic(this.lanes, this.consumers);
    for (const consumer of this.consumers) consumer.start();
    if (this.tap !== undefined) {
      this.eventTap = new EventTap({ kafka, admin: this.admin, names, groupPrefix, tap: this.tap, log });
      this.eventTap.start();
    }
    this.lag = new LagMonitor(this.admin, this.consumers, metrics, log);
    this.lag.start();
    this.state = 'consuming';
  }

  private get notConnected(): string {
    return this.lastError ?? 'not connected yet';
  }

  private async check() {
    if (this.state === 'connecting') throw new Error(this.notConnected);
    const { brokers } = await this.admin.describeCluster();
    const denied = deniedTo(this.consumers);
    if (denied !== undefined) throw new Error(denied);
    const waiting = this.consumers
      .filter((consumer) => !consumer.isJoined)
      .map(({ groupId, trouble }) => (trouble === null ? groupId : `${groupId} (${trouble})`));
    if (waiting.length > 0) throw new Error(`not in the consumer groups yet: ${waiting.join(', ')}`);
    const paused = this.consumers.filter((consumer) => consumer.isPaused).map(({ groupId }) => groupId);
    return {
      message: paused.length > 0 ? `connected; waiting for a backend: ${paused.join(', ')}` : 'connected',
      details: { brokers: brokers.length, groups: this.consumers.length, paused },
    };
  }
}

/** What Kafka does not let one of the groups do, or its lane. It may be granted at any time. */
function deniedTo(consumers: readonly GroupConsumer[]): string | undefined {
  const denied = consumers.find(({ trouble }) => trouble !== null && troubleIn('kafka', trouble) === 'denied');
  return denied === undefined ? undefined : `group ${denied.groupId}: ${denied.trouble ?? ''}`;
}

/** Who reads each topic; the consumers stand in the order of their lanes. */
function readersByTopic(
  lanes: readonly Lane[],
  consumers: readonly GroupConsumer[],
): ReadonlyMap<TopicSuffix, readonly GroupConsumer[]> {
  const readers = new Map<TopicSuffix, GroupConsumer[]>();
  for (const [index, { topics }] of lanes.entries()) {
    const consumer = consumers[index];
    if (consumer === undefined) continue;
    for (const topic of topics) readers.set(topic, [...(readers.get(topic) ?? []), consumer]);
  }
  return readers;
}
