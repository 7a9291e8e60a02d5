import type { TopicSuffix } from '../../messages/index.js';

/** A record as a transport read it from the log. `appendedAt`: epoch milliseconds, by the broker. */
export type LogRecord = {
  readonly topic: TopicSuffix;
  /** The topic's full name. */
  readonly topicName: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly appendedAt: number;
};

/** A record for a transport to append. */
export type OutgoingRecord = {
  readonly topic: TopicSuffix;
  readonly key: string | Buffer | null;
  /** Messages of ours are text; bytes where somebody else's value is sent again as it was; null is a tombstone. */
  readonly value: string | Buffer | null;
  /** A list where a name came more than once. */
  readonly headers: Readonly<Record<string, string | string[]>>;
};

/** Where a published record stands in the log. `appendedAt`: epoch milliseconds, by the log. */
export type Position = { readonly partition: number; readonly offset: number; readonly appendedAt: number };

/**
 * Resolves once every record is durable in the log, with the place of each, in their order (none, where the log does not tell); then,
 * and only then, may an offset be committed.
 */
export type Publish = (records: readonly OutgoingRecord[]) => Promise<readonly Position[]>;

/**
 * Takes what a consumer group read. When {@link handle} resolves, all that follows from the records is stored and
 * published, and their offsets may be committed; when it rejects, nothing may, and the records have to come again.
 */
export type Lane = {
  readonly group: string;
  readonly topics: readonly TopicSuffix[];
  handle(records: readonly LogRecord[]): Promise<void>;
  /** Resolves once nothing is under way that was handed over past the log, and the copies of all that was have come back from it. */
  settled?(): Promise<void>;
  /** Of a partition's records, in their order, those that have to be read: they were not taken here as they were published. */
  unseen?(records: readonly LogRecord[]): Promise<readonly LogRecord[]>;
};

/** What the lane needs is not there: the transport pauses the lane's topics and delivers the same records again. */
export class LaneUnavailable extends Error {
  constructor(
    message: string,
    readonly retryAfterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'LaneUnavailable';
  }
}
