import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import type { TopicNames, TopicSuffix } from '../../messages/index.js';
import type { RawRecord } from '../faults/rubbish.js';

const TRY_AGAIN_AFTER_MS = 500;

export type Offsets = ReadonlyMap<number, bigint>;

/** Our own way to the broker, past every door: to write rubbish, to set topics and to see how far everybody is. */
export class Broker {
  readonly kafka: Kafka;
  private readonly admin: Admin;
  private readonly producer: Producer;

  constructor(
    broker: string,
    private readonly names: TopicNames,
    private readonly groupPrefix: string,
  ) {
    const retry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 };
    this.kafka = new Kafka({
      clientId: 'rollcall-chaos',
      brokers: [broker],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 3000,
      requestTimeout: 10_000,
      retry,
    });
    this.admin = this.kafka.admin();
    this.producer = this.kafka.producer({ allowAutoTopicCreation: false });
  }

  async open(): Promise<void> {
    await Promise.all([this.admin.connect(), this.producer.connect()]);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.admin.disconnect(), this.producer.disconnect()]);
  }

  /** Appends records, whatever the broker goes through meanwhile; some may then be there twice. */
  async append(topic: TopicSuffix, records: readonly RawRecord[], signal: AbortSignal): Promise<void> {
    const messages = records.map(({ key, value, headers = {} }) => ({ key, value, headers: { ...headers } }));
    const request = { topic: this.names.full(topic), acks: -1, messages };
    await this.patiently(() => this.producer.send(request), signal);
  }

  /** Sets one of a topic's properties, and gives what it was; the others stay as they are. */
  async setTopic(topic: TopicSuffix, name: string, value: string, signal: AbortSignal): Promise<string> {
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: this.names.full(topic) };
    return this.patiently(async () => {
      const { resources } = await this.admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
      const entries = resources[0]?.configEntries ?? [];
      const before = entries.find(({ configName }) => configName === name)?.configValue ?? '';
      // AlterConfigs replaces the whole set: what was set on the topic has to be sent again.
      const kept = entries
        .filter((entry) => entry.configName !== name && isSetOnTopic(entry))
        .map(({ configName, configValue }) => ({ name: configName, value: configValue }));
      const configEntries = [...kept, { name, value }];
      await this.admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
      return before;
    }, signal);
  }

  /** Where each partition of a topic ends. */
  async ends(topic: TopicSuffix): Promise<Offsets> {
    const offsets = await this.admin.fetchTopicOffsets(this.names.full(topic));
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  /** What a group of the registry has committed of a topic; without entry: nothing yet. */
  async committed(group: string, topic: TopicSuffix): Promise<Offsets> {
    const [answer] = await this.admin.fetchOffsets({
      groupId: `${this.groupPrefix}.${group}`,
      topics: [this.names.full(topic)],
    });
    const known = (answer?.partitions ?? []).filter(({ offset }) => BigInt(offset) >= 0n);
    return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.admin.deleteGroups([groupId]);
  }

  private async patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        // Here it may be as down as for everybody else; what is no outage shows in the registry's own state at the end.
        if (signal.aborted) throw error;
        await sleep(TRY_AGAIN_AFTER_MS, undefined, { signal });
      }
    }
  }
}

/** DYNAMIC_TOPIC_CONFIG in Kafka's protocol: not one of the broker's. */
function isSetOnTopic(entry: object): boolean {
  return 'configSource' in entry && entry.configSource === 1;
}
