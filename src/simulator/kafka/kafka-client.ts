import type { TopicSuffix } from '../../messages/index.js';
import type { Owner } from '../time/virtual-time.js';
import type { LogWorld } from './log-world.js';
import { SimulatedConsumer } from './consumer.js';

type OutgoingMessage = {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer;
  readonly headers: Record<string, string | string[]>;
  /** Left here by the partitioner, for whoever sent it. */
  partition?: number;
};
type Part = { readonly topic: TopicSuffix; readonly partition: number; readonly messages: OutgoingMessage[] };
/** Where the first message of a part stands. */
type Answer = { readonly topicName: string; readonly partition: number; readonly baseOffset: string; readonly logAppendTime: string }; // prettier-ignore
type TopicMessages = { readonly topic: string; readonly messages: readonly OutgoingMessage[] };

const RETRY_AFTER_MS = 300;

/** Stands in for kafkajs, as far as the runtime's own Kafka classes use it: those run over it as they are. */
export class SimulatedKafka {
  private consumers = 0;

  constructor(
    private readonly owner: Owner,
    private readonly world: LogWorld,
  ) {}

  consumer({ groupId, sessionTimeout }: { readonly groupId: string; readonly sessionTimeout: number }) {
    const id = `${this.owner.name}-${++this.consumers}`;
    const coordinator = this.world.coordinator(groupId.slice(groupId.lastIndexOf('.') + 1));
    const sessionTimeoutMs = sessionTimeout;
    return new SimulatedConsumer({ ...this.world, member: coordinator, owner: this.owner, id, sessionTimeoutMs });
  }

  /**
   * The parts of a request go to their partitions at their own pace, and each by itself is tried again: so a part may be missing when
   * the request fails, and another may be there twice.
   */
  producer() {
    return {
      connect: (): Promise<void> => Promise.resolve(),
      disconnect: (): Promise<void> => Promise.resolve(),
      sendBatch: async ({ topicMessages }: { readonly topicMessages: readonly TopicMessages[] }): Promise<Answer[]> => {
        const parts = new Map<string, Part>();
        for (const { topic: name, messages } of topicMessages) {
          const topic = this.world.names.suffix(name);
          for (const message of messages) {
            const partition = (message.partition ??= this.world.broker.partitionFor(topic, message.key));
            const part = parts.get(`${topic}/${partition}`) ?? { topic, partition, messages: [] };
            parts.set(`${topic}/${partition}`, part);
            part.messages.push(message);
          }
        }
        const settled = await Promise.allSettled([...parts.values()].map((part) => this.send(part)));
        const failed = settled.find((result) => result.status === 'rejected');
        if (failed !== undefined) throw failed.reason;
        return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      },
    };
  }

  admin() {
    const { wire, broker, names, coordinator } = this.world;
    return {
      fetchOffsets: ({ groupId, topics }: { readonly groupId: string; readonly topics: readonly string[] }) =>
        wire.call(this.owner, 'kafka', 'offsets of a group', () =>
          topics.map((topic) => ({
            topic,
            partitions: this.partitions(topic).map((partition) => ({
              partition,
              offset: String(
                coordinator(groupId.slice(groupId.lastIndexOf('.') + 1)).committedOffset({
                  topic: names.suffix(topic),
                  partition,
                }),
              ),
            })),
          })),
        ),
      fetchTopicOffsets: (topic: string) =>
        wire.call(this.owner, 'kafka', 'offsets of a topic', () =>
          this.partitions(topic).map((partition) => ({
            partition,
            high: String(broker.end(names.suffix(topic), partition)),
            low: '0',
          })),
        ),
    };
  }

  /** Only what the scanner would send again may be lost after it was confirmed: everything else relies on the log. */
  private loses(headers: OutgoingMessage['headers']): boolean {
    const { wire, random, markersLost } = this.world;
    if (wire.calm || !isMarker(headers) || !random.chance(markersLost)) return false;
    wire.count('kafka: marker lost after all');
    return true;
  }

  private partitions(topic: string): readonly number[] {
    const { broker, names } = this.world;
    return Array.from({ length: broker.partitionCount(names.suffix(topic)) }, (_, partition) => partition);
  }

  private async send({ topic, partition, messages }: Part): Promise<Answer> {
    const { wire, broker, time, names, producerRetries } = this.world;
    // Only the end of what was confirmed can be lost: what is kept stands where the answer says.
    const mayBeLost = messages.findLastIndex(({ headers }) => !isMarker(headers)) + 1;
    for (let attempt = 0; ; attempt++) {
      try {
        return await wire.call(this.owner, 'kafka', `produce to ${topic}`, () => {
          const baseOffset = String(broker.end(topic, partition));
          let logAppendTime = '-1';
          for (const [index, { key, value, headers }] of messages.entries()) {
            if (index >= mayBeLost && this.loses(headers)) continue;
            const bytes = typeof value === 'string' ? Buffer.from(value) : value;
            const keyBytes = typeof key === 'string' ? Buffer.from(key) : key;
            const { appendedAt } = broker.append({ topic, key: keyBytes, value: bytes, headers }, partition);
            logAppendTime = String(appendedAt);
          }
          return { topicName: names.full(topic), partition, baseOffset, logAppendTime };
        });
      } catch (error) {
        if (attempt >= producerRetries) throw error;
        await time.sleep(RETRY_AFTER_MS * 2 ** attempt);
      }
    }
  }
}

function isMarker(headers: OutgoingMessage['headers']): boolean {
  return headers['event_type'] === 'DEADLINE_PASSED';
}
