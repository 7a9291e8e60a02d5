import type { Kafka, KafkaMessage } from 'kafkajs';

/**
 * What lies under kafkajs's consumers: connections to the brokers and the requests themselves. A consumer reads only as a member of a
 * group, one position a partition; here any number of readers fetch from any offset. As in kafkajs 2.2.4, with the settings (TLS, SASL,
 * sockets) of the client that it is taken from.
 */
export type Cluster = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(of: { readonly nodeId: string }): Promise<Broker>;
  fetchTopicsOffset(topics: readonly OffsetsWanted[]): Promise<readonly TopicOffsets[]>;
  readonly brokerPool: { readonly metadata: { readonly clusterId: string | null } | null };
};

export type Broker = { fetch(request: FetchRequest): Promise<{ readonly responses: readonly TopicResponse[] }> };

type FetchRequest = {
  readonly isolationLevel: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly PartitionWanted[] }[];
};
type PartitionWanted = { readonly partition: number; readonly fetchOffset: string; readonly maxBytes: number };
type TopicResponse = { readonly topicName: string; readonly partitions: readonly PartitionResponse[] };
type PartitionResponse = { readonly partition: number; readonly messages: readonly FetchedRecord[] };
export type FetchedRecord = KafkaMessage & { readonly isControlRecord?: boolean };

type OffsetsWanted = {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
  readonly fromBeginning: boolean;
};
type TopicOffsets = {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
};

const CREATE_CLUSTER = 'private:Kafka:createCluster';
const READ_COMMITTED = 1;
/** Partitions that are added, and leaders that move without an error, are seen after this long. Milliseconds. */
const METADATA_MAX_AGE_MS = 60_000;

/** A cluster of its own, not connected yet. */
export function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  const create: unknown = symbol === undefined ? undefined : Reflect.get(kafka, symbol);
  if (typeof create !== 'function') {
    throw new Error('this version of kafkajs hides its cluster, from which events are read: take 2.2.4');
  }
  return (create as (options: object) => Cluster)({
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}

/** A fetch as every one of ours is. */
export function fetchFrom(broker: Broker, request: Omit<FetchRequest, 'isolationLevel' | 'minBytes'>) {
  return broker.fetch({ ...request, isolationLevel: READ_COMMITTED, minBytes: 1 });
}
