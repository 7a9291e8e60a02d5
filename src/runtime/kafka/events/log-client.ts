import type { Kafka } from 'kafkajs';
import type { TopicNames, TopicSuffix } from '../../../messages/index.js';
import type { Bounds } from '../../events/event-source.js';
import { PlaceLost } from '../../events/event-source.js';
import { EVENT_TOPICS } from '../../events/event-topics.js';
import { Place } from '../../events/place.js';
import type { LogRecord } from '../../lanes/lane.js';
import { recordsOf } from '../records.js';
import { within } from '../within.js';
import { clusterOf, fetchFrom, type Cluster } from './cluster.js';

/** Whoever wants to follow is told that it does not go now, rather than kept waiting. */
const ANSWERS_WITHIN_MS = 5000;

export type Partition = { readonly topic: TopicSuffix; readonly partition: number };
export type Wanted = Partition & { readonly offset: number };

/** What a partition gave. `next`: the offset behind it. */
export type Fetched = Partition & { readonly records: readonly LogRecord[]; readonly next: number };

export type FetchLimits = {
  /** How long the broker may wait for the first record. Milliseconds. */
  readonly waitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
};

/** Fetches the records of event topics from wherever one wants. Connected by its first use, until it is closed; usable again after that. */
export class LogClient {
  private opened: Promise<Cluster> | undefined;
  private isStale = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly names: TopicNames,
  ) {}

  /** The partitions of all topics by the broker that leads them, as it is known. */
  async leaders(): Promise<ReadonlyMap<string, readonly Partition[]>> {
    const cluster = await this.cluster();
    const leaders = new Map<string, Partition[]>();
    for (const topic of EVENT_TOPICS) {
      const partitions = cluster.findTopicPartitionMetadata(this.names.full(topic));
      if (partitions.length === 0) throw new Error(`topic ${this.names.full(topic)} is not there`);
      for (const { partitionId: partition, leader } of partitions) {
        const led = leaders.get(String(leader)) ?? [];
        leaders.set(String(leader), led);
        led.push({ topic, partition });
      }
    }
    return leaders;
  }

  /** Rejects with {@link PlaceLost} where the log does not have an offset. */
  async fetch(nodeId: string, wanted: readonly Wanted[], limits: FetchLimits): Promise<readonly Fetched[]> {
    try {
      const broker = await (await this.cluster()).findBroker({ nodeId });
      const topics = wanted.map(({ topic, partition, offset }) => ({
        topic: this.names.full(topic),
        partitions: [{ partition, fetchOffset: String(offset), maxBytes: limits.maxPartitionBytes }],
      }));
      const { responses } = await fetchFrom(broker, { maxWaitTime: limits.waitMs, maxBytes: limits.maxBytes, topics });
      const offsets = new Map(wanted.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
      return responses.flatMap(({ topicName, partitions }) => {
        const topic = this.names.suffix(topicName);
        return partitions.flatMap(({ partition, messages }) => {
          const last = messages.at(-1);
          const from = offsets.get(`${topic}/${partition}`);
          if (last === undefined || from === undefined) return [];
          // A broker sends whole batches, the one from the middle of which was asked included.
          const meant = messages.filter((one) => Number(one.offset) >= from && one.isControlRecord !== true);
          const records = recordsOf(this.names, { topic: topicName, partition, messages: meant });
          return [{ topic, partition, records, next: Math.max(from, Number(last.offset) + 1) }];
        });
      });
    } catch (error) {
      throw this.known(error);
    }
  }

  async bounds(): Promise<Bounds> {
    try {
      return await within(ANSWERS_WITHIN_MS, this.readBounds(), `Kafka does not answer within ${ANSWERS_WITHIN_MS} ms`);
    } catch (error) {
      throw this.known(error);
    }
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await opened?.then((cluster) => cluster.disconnect()).catch(() => undefined);
  }

  private async readBounds(): Promise<Bounds> {
    const cluster = await this.cluster();
    // The ends first: what is appended in between lies behind them, and is told.
    const next = await this.offsets(cluster, false);
    const first = await this.offsets(cluster, true);
    const id = cluster.brokerPool.metadata?.clusterId ?? '';
    return { log: `kafka ${id} ${this.names.prefix}`, first, next };
  }

  private async offsets(cluster: Cluster, fromBeginning: boolean): Promise<Place> {
    const place = new Place();
    const wanted = EVENT_TOPICS.map((suffix) => {
      const topic = this.names.full(suffix);
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId: partition }) => ({ partition }));
      if (partitions.length === 0) throw new Error(`topic ${topic} is not there`);
      return { topic, partitions, fromBeginning };
    });
    for (const { topic, partitions } of await cluster.fetchTopicsOffset(wanted)) {
      for (const { partition, offset } of partitions) place.set(this.names.suffix(topic), partition, Number(offset));
    }
    return place;
  }

  private async cluster(): Promise<Cluster> {
    this.opened ??= this.open();
    const opening = this.opened;
    try {
      const cluster = await opening;
      if (this.isStale) await cluster.refreshMetadata();
      else await cluster.refreshMetadataIfNecessary();
      this.isStale = false;
      return cluster;
    } catch (error) {
      if (this.opened === opening) this.opened = undefined;
      void opening.then((cluster) => cluster.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  private async open(): Promise<Cluster> {
    const cluster = clusterOf(this.kafka);
    try {
      await cluster.connect();
      await cluster.addMultipleTargetTopics(EVENT_TOPICS.map((topic) => this.names.full(topic)));
      return cluster;
    } catch (error) {
      await cluster.disconnect().catch(() => undefined);
      throw error;
    }
  }

  /** Whatever went wrong, leaders may have moved. */
  private known(error: unknown): unknown {
    if (error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange') {
      return new PlaceLost('the log does not have the records at this place', { cause: error });
    }
    this.isStale = true;
    return error;
  }
}
