import type { Backend, TopicSuffix } from '../../messages/index.js';
import type { Group } from '../../runtime/index.js';
import type { Timings } from '../../runtime/lanes/step.js';
import type { Hazards, Manner, Target } from '../wire.js';

/** How a node answers to *accepted*. */
export type Manners = 'prompt' | 'late' | 'never' | 'twice';

/** One thing that happens at a time (true time, milliseconds since the beginning). */
export type Act = { readonly at: number } & (
  | {
      readonly do: 'start-node';
      readonly node: string;
      readonly type: string;
      readonly capabilities: readonly string[];
      readonly manners: Manners;
    }
  | { readonly do: 'restart-node'; readonly node: string; readonly manners: Manners }
  | {
      readonly do: 'change-node';
      readonly node: string;
      readonly type: string;
      readonly capabilities: readonly string[];
    }
  | { readonly do: 'crash-node' | 'stop-node' | 'announce-again'; readonly node: string }
  | { readonly do: 'mute-node'; readonly node: string; readonly forMs: number }
  | { readonly do: 'cut-nodes'; readonly nodes: readonly string[]; readonly forMs: number }
  | {
      readonly do: 'register';
      readonly node: string;
      readonly acknowledgement: 'required' | 'waived';
      readonly liveness: 'heartbeat' | 'none';
      readonly capabilities: readonly string[];
    }
  | { readonly do: 'deregister'; readonly node: string }
  | { readonly do: 'release-expiry' }
  | { readonly do: 'crash-replica' | 'stop-replica'; readonly replica: number; readonly forMs: number }
  | { readonly do: 'freeze-replica'; readonly replica: number; readonly forMs: number }
  | { readonly do: 'cut-replica'; readonly replica: number; readonly from: Target; readonly forMs: number }
  | { readonly do: 'outage'; readonly of: Target; readonly manner: Manner; readonly forMs: number }
  | { readonly do: 'slow'; readonly target: Target; readonly factor: number; readonly forMs: number }
  | { readonly do: 'consul-refuses'; readonly status: 500 | 403; readonly forMs: number }
  | { readonly do: 'end-leader' }
  /** `back`: how far back among the topic's records, 0 (the first) to 1 (the last). */
  | { readonly do: 'copy'; readonly topic: TopicSuffix; readonly back: number }
  | { readonly do: 'rubbish'; readonly topic: TopicSuffix; readonly kind: RubbishKind }
  /** `pick`: which entry, 0 (the first) to 1 (the last). */
  | { readonly do: 'damage-consul'; readonly how: ConsulDamage; readonly pick: number }
  | { readonly do: 'damage-table'; readonly how: TableDamage; readonly pick: number }
  | { readonly do: 'wipe'; readonly backend: Backend }
  | {
      readonly do: 'ask-repair';
      readonly backend: Backend | null;
      readonly dryRun: boolean;
      readonly force: boolean;
    }
);

export const CONSUL_DAMAGES = [
  'delete-service',
  'alter-service',
  'raise-revision',
  'delete-check',
  'alter-check',
  'ghost-of-nobody',
  'ghost-of-known',
  'ghost-elsewhere',
  'ghost-misplaced',
  'foreign',
] as const;
export type ConsulDamage = (typeof CONSUL_DAMAGES)[number];

export const TABLE_DAMAGES = ['delete-row', 'alter-row', 'revive-row', 'retire-row', 'add-row'] as const;
export type TableDamage = (typeof TABLE_DAMAGES)[number];

export const RUBBISH_KINDS = [
  'text',
  'tombstone',
  'no-key',
  'unknown-type',
  'wrong-topic',
  'bytes',
  'wrong-key',
] as const;
export type RubbishKind = (typeof RUBBISH_KINDS)[number];

export type ReplicaPlan = { readonly groups: readonly Group[]; readonly clockSkewMs: number };

/** All that a run does, as data: the same plan is the same run, and a part of it can be left out. */
export type Plan = {
  readonly seed: number;
  readonly replicas: readonly ReplicaPlan[];
  readonly timings: Timings;
  readonly partitions: number;
  readonly brokerSkewMs: number;
  readonly databaseSkewMs: number;
  readonly hazards: Readonly<Record<Target, Hazards>>;
  /** Of messages of nodes, 0-1. */
  readonly lost: number;
  readonly doubled: number;
  /** Of deadline markers: the log confirms them and does not have them, as after the loss of a leader. 0-1. */
  readonly markersLost: number;
  readonly producerRetries: number;
  readonly fetchLimit: number;
  readonly auditIntervalMs: number;
  readonly acts: readonly Act[];
  /** From now on there are no faults: everything is back, nobody leaves, and all has to come to rest. */
  readonly calmAt: number;
};

export const REGISTRY_ID = 'sim';
