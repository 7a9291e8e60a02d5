import type { LogRecord, OutgoingRecord } from './lanes/lane.js';

/** The log as the rest of the process sees it: who is not a lane publishes through it, and hears what happens to nodes. */
export type Bus = {
  /**
   * Resolves once the records are durable in the log. Throws {@link BusUnavailable} when that takes too long. What is said `as` the
   * registry is signed by it, where messages are.
   */
  publish(records: readonly OutgoingRecord[], as?: 'registry'): Promise<void>;
  /** Hears of activity from now on, until the function that it returns is called. */
  follow(follower: Follower): () => void;
};

/**
 * Whoever waits for something to happen to a node: what it hears is a reason to look into the journal, which is the truth, and
 * has every step before its messages are published. Methods must neither throw nor take long.
 */
export type Follower = {
  /** Records appended to the topics that tell of nodes (`ACTIVITY_TOPICS`), by any replica; some may come twice. */
  heard(records: readonly LogRecord[]): void;
  /** Steps of these nodes were decided in this process, ignored messages included. */
  decided(nodeIds: readonly string[]): void;
  /** Something may have been missed: look at everything again. */
  missed(): void;
};

/** The log does not take records now; trying again later can help. */
export class BusUnavailable extends Error {
  override readonly name = 'BusUnavailable';
}
