export const HEARTBEAT_INTERVAL_MS = 3000;

/** What every consumer of the process has in common. */
export const CONSUMER_SETTINGS = {
  /** After a crash the group waits so long for the dead member; one that only stalls is let in again, and nothing is lost. */
  sessionTimeout: 10_000,
  heartbeatInterval: HEARTBEAT_INTERVAL_MS,
  /** How long a fetch waits at the broker when there is nothing; data answers it at once. */
  maxWaitTimeInMs: 500,
  allowAutoTopicCreation: false,
} as const;

/** More than the partitions that a fetch brings: all of them are handed over together. */
export const CONCURRENT_PARTITIONS = 64;
