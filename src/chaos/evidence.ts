import type { Message, TopicSuffix } from '../messages/index.js';

/** All that is judged, as it was found when the registry had come to rest. Plain values: the invariants do no I/O. */
export type Evidence = {
  /** Of every topic from its beginning, by topic, partition and offset. */
  readonly records: readonly LogRecord[];
  /** What the nodes did in the end, and so what has to be. */
  readonly expected: readonly ExpectedNode[];
  readonly consul: readonly ConsulEntry[];
  readonly registrations: readonly Registration[];
  /** What was put among the registry's entries and is not its own. */
  readonly foreign: readonly ForeignEntry[];
  readonly workflows: readonly Workflow[];
  readonly deadLetterRows: readonly DeadLetterRow[];
  readonly journal: Journal;
  /** How far each consumer group is behind the end of its topics; a partition that is not behind is left out. */
  readonly lags: readonly string[];
  /** Partitions that were looked at for that. */
  readonly partitions: number;
  readonly health: readonly { readonly replica: string; readonly status: string; readonly text: string }[];
  /** Exits that nobody asked for, and lines of the logs at level fatal or of no known form. */
  readonly outcries: readonly string[];
  readonly logLines: number;
  readonly livenessWindowMs: number;
};

export type LogRecord = {
  readonly topic: TopicSuffix;
  readonly partition: number;
  readonly offset: number;
  /** When the log took it, epoch milliseconds. */
  readonly appendedAt: number;
  readonly key: string | null;
  /** Of the value's bytes, but for the time that an effect took. */
  readonly digest: string;
  /** Null where it is no message. */
  readonly message: Message | null;
  /** Written by us as rubbish. */
  readonly isRubbish: boolean;
};

export type ExpectedNode = {
  readonly nodeId: string;
  readonly presence: 'active' | 'gone';
  readonly incarnation: number;
  /** Counts the descriptions that it gave; stands in its metadata. */
  readonly edition: number;
};

export type ConsulEntry = {
  readonly nodeId: string;
  readonly serviceId: string;
  readonly status: string;
  readonly revision: number;
};

export type Registration = {
  readonly nodeId: string;
  readonly state: string;
  readonly revision: number;
  readonly incarnation: number | null;
  readonly edition: number | null;
};

/** As it was put there, and as it was found in the end, times of change included; null: it is gone. */
export type ForeignEntry = {
  readonly name: string;
  readonly in: 'consul' | 'postgres';
  readonly planted: string;
  readonly found: string | null;
};

/** The registry's own word on a node. */
export type Workflow = {
  readonly nodeId: string;
  readonly status: string;
  /** Of the reducer: what both backends have to hold. */
  readonly revision: number | null;
  readonly backends: string | null;
};

export type DeadLetterRow = {
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: number;
};

export type Journal = {
  readonly states: number;
  readonly entries: number;
  readonly problems: readonly string[];
};
