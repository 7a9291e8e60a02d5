/**
 * A node that speaks Kafka. With the stack up and Rollcall on it: `node examples/join-kafka.mjs`; Ctrl-C says goodbye.
 * Environment: NODE_ID, KAFKA_BROKERS, TOPIC_PREFIX.
 */
import { join } from 'rollcall/client';
import { narrate } from './narrate.mjs';

narrate(
  join({
    nodeId: process.env.NODE_ID ?? 'greeter-kafka',
    nodeType: 'effect',
    nodeVersion: '1.0.0',
    capabilities: ['greet'],
    metadata: { zone: 'b' },
    registry: {
      kafka: {
        brokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
        topicPrefix: process.env.TOPIC_PREFIX,
      },
    },
  }),
);
