import type { MassExpiryOptions } from './deadlines/mass-expiry.js';
import type { DriftOptions } from './drift/drift-report.js';
import type { Group } from './lanes/create-lanes.js';
import type { Timings } from './lanes/step.js';

export type RuntimeOptions = {
  readonly registryId: string;
  /** Null: the log is embedded in the state database. */
  readonly kafkaBrokers: readonly string[] | null;
  readonly topicPrefix: string;
  readonly groupPrefix: string;
  readonly topicPartitions: number;
  /** Null: PostgreSQL is embedded, in the data folder. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** Of the embedded log. */
  readonly logRetentionMs: number;
  /** Groups that this process takes part in. */
  readonly groups: readonly Group[];
  /** Whether it serves the api: whose callers follow what happens, and look at dead letters. */
  readonly api: boolean;
  readonly timings: Timings;
  readonly deadlines: {
    readonly scanIntervalMs: number;
    readonly maxHeartbeatsPerSecond: number;
    readonly massExpiry: MassExpiryOptions;
  };
  readonly drift: DriftOptions;
  /** The process cannot do its work, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};
