import { TopicNames } from '../messages/index.js';
import { EmbeddedTransport } from './embedded/embedded-transport.js';
import type { HealthRegistry } from './health-registry.js';
import type { Database } from './journal/database.js';
import { createKafka } from './kafka/kafka-client.js';
import { KafkaTransport } from './kafka/kafka-transport.js';
import type { Log } from './log.js';
import type { RuntimeMetrics } from './metrics.js';
import type { RuntimeOptions } from './options.js';
import type { Transport } from './transport.js';

type Parts = {
  readonly options: RuntimeOptions;
  readonly database: Database;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly health: HealthRegistry;
};

/** The log of the registry: Kafka where there are brokers, else a table of the state database. */
export function createTransport({ options, database, log, metrics, health }: Parts): Transport {
  const { kafkaBrokers, registryId, topicPrefix, topicPartitions, groupPrefix, onFatal } = options;
  const names = new TopicNames(topicPrefix);
  const shared = { names, groupPrefix, log, metrics, health, onFatal };
  return kafkaBrokers === null
    ? new EmbeddedTransport({ ...shared, database, retentionMs: options.logRetentionMs })
    : new KafkaTransport({
        ...shared,
        kafka: createKafka(kafkaBrokers, `rollcall-${registryId}`, log, options.kafkaSecurity),
        partitions: topicPartitions,
      });
}
