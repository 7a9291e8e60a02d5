import type { CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { TopicSuffix } from '../messages/index.js';
import type { EventSource } from './events/event-source.js';
import type { Lane, LogRecord, Publish } from './lanes/lane.js';

/** Hears what is appended from now on, beside all consumer groups, and commits nothing. */
export type Tap = {
  readonly topics: readonly TopicSuffix[];
  /**
   * Undefined while somebody listens; else what resolves as soon as somebody does. Meanwhile nothing need be read, if reading begins
   * anew with {@link Tap.missed}. Who leaves it out listens all the time.
   */
  silence?(): Promise<void> | undefined;
  heard(records: readonly LogRecord[]): void;
  /** The tap was off, or its position moved: records may have passed unheard. */
  missed(): void;
};

/** How far a consumer group has come in a partition. */
export type Progress = {
  readonly partition: number;
  /** Offset that the next appended record gets. */
  readonly end: bigint;
  /** Offset of the first record that the group has not committed. */
  readonly committed: bigint;
};

/**
 * The log and its consumer groups: Kafka, or the one that is embedded in the state database. Both keep the order of records with
 * one key, keep offsets for each group, deliver at least once, and stamp records with their own append time.
 */
export type Transport = Server &
  CustomTransportStrategy & {
    /** What the groups of this process deliver to; before it starts to listen. */
    serve(lanes: readonly Lane[], tap?: Tap): void;
    readonly publish: Publish;
    readonly events: EventSource;
    /** Whether a consumer group of this process reads the topic's partition of the key now. */
    isReadHere(topic: TopicSuffix, key: string): boolean;
    /** Rejects while the log cannot be reached. */
    progress(group: string, topic: TopicSuffix): Promise<readonly Progress[]>;
  };
