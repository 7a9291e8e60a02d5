export const HEARTBEAT_INTERVAL_MS = 3000;

/** What a fetch may bring, in bytes: of one partition, and in all. So much of each group is in memory at once, and no more. */
const MAX_PARTITION_BYTES = 1024 * 1024;
const MAX_FETCH_BYTES = 10 * 1024 * 1024;

/** What every consumer of the process has in common. */
export const CONSUMER_SETTINGS = {
  /** After a crash the group waits so long for the dead member; one that only stalls is let in again, and nothing is lost. */
  sessionTimeout: 10_000,
  heartbeatInterval: HEARTBEAT_INTERVAL_MS,
  /** How long a fetch waits at the broker when there is nothing; data answers it at once. */
  maxWaitTimeInMs: 500,
  maxBytesPerPartition: MAX_PARTITION_BYTES,
  maxBytes: MAX_FETCH_BYTES,
  allowAutoTopicCreation: false,
} as const;

/** More than the partitions that a fetch brings: all of them are handed over together. */
export const CONCURRENT_PARTITIONS = 64;
