import type { MassExpiryOptions } from './deadlines/mass-expiry.js';
import type { DriftOptions } from './drift/drift-report.js';
import type { DatabaseUrl } from './journal/connection-of.js';
import type { Upkeep } from './journal/migrate.js';
import type { KafkaSecurity } from './kafka/kafka-security.js';
import type { Group } from './lanes/create-lanes.js';
import type { Timings } from './lanes/step.js';
import type { TracingOptions } from './tracing/create-tracing.js';

/** What is done with signatures of messages. */
export type SignedEvents = 'off' | 'warn' | 'required';

export type RuntimeOptions = {
  readonly registryId: string;
  /** Null: the log is embedded in the state database. */
  readonly kafkaBrokers: readonly string[] | null;
  /** Left out: plain text, and nobody asks who we are. */
  readonly kafkaSecurity?: KafkaSecurity;
  readonly topicPrefix: string;
  readonly groupPrefix: string;
  readonly topicPartitions: number;
  /** Null: PostgreSQL is embedded, in the data folder. */
  readonly databaseUrl: DatabaseUrl | null;
  /** Left out: this process makes the tables. */
  readonly upkeep?: Upkeep;
  readonly dataDir: string;
  /** Of the embedded log. */
  readonly logRetentionMs: number;
  /** Groups that this process takes part in. */
  readonly groups: readonly Group[];
  /** Whether it keeps the topic of snapshots. */
  readonly snapshots: boolean;
  /** Whether it serves the api: whose callers follow what happens, and look at dead letters. */
  readonly api: boolean;
  readonly timings: Timings;
  /** Left out: off. */
  readonly signedEvents?: SignedEvents;
  readonly deadlines: {
    readonly scanIntervalMs: number;
    readonly maxHeartbeatsPerSecond: number;
    readonly massExpiry: MassExpiryOptions;
  };
  readonly drift: DriftOptions;
  /** Null: nothing is traced. */
  readonly tracing: TracingOptions | null;
  /** Of the program, as package.json has it. */
  readonly version: string;
  /** The process cannot do its work, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};
