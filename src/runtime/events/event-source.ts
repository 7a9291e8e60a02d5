import type { TopicSuffix } from '../../messages/index.js';
import type { LogRecord } from '../lanes/lane.js';
import type { Place } from './place.js';

/** What the log holds now. */
export type Bounds = {
  /** Names the log: a place says nothing in another one. */
  readonly log: string;
  /** Before this, records may be gone. */
  readonly first: Place;
  /** Behind the newest records. */
  readonly next: Place;
};

/** Reads what is between two places, beside all consumer groups. Of one reader; not shared. */
export type EventReader = {
  /**
   * The next records before `to`, in the order in which they were appended, as far as the log tells (see {@link EventSource}); none once
   * it has come to `to`. Rejects with {@link PlaceLost}, or with whatever keeps the log from answering; then it is of no more use.
   */
  next(to: Place): Promise<readonly LogRecord[]>;
};

/** Hears what is appended. Methods must not throw. */
export type EventEar = {
  /** In the order of each partition, without gaps and doubles; of all of them in the order of appending as nearly as one answer of the log tells. */
  heard(records: readonly LogRecord[]): void;
  /** The log has forgotten records before they were heard, or was made anew: from here it goes on. */
  lost(place: Place): void;
};

/**
 * The events of `EVENT_TOPICS` from any place on, for as many readers as there are, without consumer groups; nothing is read, and no
 * connection is open, while nobody asks. Order: that of its partition for every record. Across partitions the embedded log has one order
 * for all; Kafka's is by append time, which is that of the brokers' clocks.
 */
export type EventSource = {
  /** Rejects while the log cannot be reached. */
  bounds(): Promise<Bounds>;
  read(from: Place, topics: readonly TopicSuffix[]): EventReader;
  /** Follows all topics from a place on until it is called off. Goes on by itself when the log comes back. */
  follow(from: Place, ear: EventEar): () => void;
  /** Moves a place behind a record that was read of these topics. */
  pass(place: Place, record: LogRecord, topics: readonly TopicSuffix[]): void;
};

/** The log does not have what comes next at this place (any more). */
export class PlaceLost extends Error {
  override readonly name = 'PlaceLost';
}
