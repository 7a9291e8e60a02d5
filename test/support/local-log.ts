import { TopicNames, type TopicSuffix } from '../../src/messages/index.js';
import type { LogRecord, OutgoingRecord, Position } from '../../src/runtime/lanes/lane.js';
import { LocalDelivery } from '../../src/runtime/lanes/local-delivery.js';
import { T0 } from './builders.js';

const names = new TopicNames('dev.onex');

/** A log that takes what this process publishes when the test says so, and gives it back as it is read. */
export class LocalLog {
  /** All that stands in it. */
  readonly records: LogRecord[] = [];
  readonly delivery: LocalDelivery;
  /** Why it takes nothing. */
  outage: Error | null = null;
  /** Whether this process reads what it publishes. */
  isReadHere: (topic: TopicSuffix, key: string) => boolean = () => true;
  partitionOf: (key: string) => number = () => 0;
  /** Told of each publish as it begins. */
  onPublish: (records: readonly OutgoingRecord[]) => Promise<void> = () => Promise.resolve();

  constructor() {
    this.delivery = new LocalDelivery({
      names,
      isReadHere: (topic, key) => this.isReadHere(topic, key),
      publish: async (records) => {
        if (this.outage !== null) throw this.outage;
        await this.onPublish(records);
        return this.append(records);
      },
    });
  }

  /** Appends, a millisecond between any two. */
  append(records: readonly OutgoingRecord[]): readonly Position[] {
    return records.map(({ topic, key, value, headers }) => {
      const partition = this.partitionOf(String(key));
      const offset = this.records.filter((other) => other.topic === topic && other.partition === partition).length;
      const appendedAt = T0 + this.records.length;
      this.records.push({
        topic,
        topicName: names.full(topic),
        partition,
        offset: String(offset),
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers,
        appendedAt,
      });
      return { partition, offset, appendedAt };
    });
  }

  /** A partition from an offset on. */
  read(topic: TopicSuffix, partition = 0, from = 0): readonly LogRecord[] {
    return this.records.filter(
      (record) => record.topic === topic && record.partition === partition && Number(record.offset) >= from,
    );
  }
}

/** A promise that is settled by hand. */
export type ByHand<T = void> = {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
};

export function byHand<T = void>(): ByHand<T> {
  let settle!: Omit<ByHand<T>, 'promise'>;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
}

/** Everything that can go on without an event from outside has gone on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
