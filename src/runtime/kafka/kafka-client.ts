import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { redact } from '../../messages/index.js';
import type { Log } from '../log.js';
import { saslOptions, type KafkaSecurity } from './kafka-security.js';
import { socketFactory } from './open-socket.js';
import { tuneKafkajs } from './tuned/tune-kafkajs.js';

/** One client for the process: consumers, the producer and the admin share its settings. */
export function createKafka(
  brokers: readonly string[],
  clientId: string,
  log: Log,
  { tls, sasl }: KafkaSecurity = { tls: null, sasl: null },
): Kafka {
  const tuning = tuneKafkajs();
  if (!tuning.tuned) log.warn({ reason: tuning.reason }, 'kafkajs runs as it is, and takes more CPU than it needs to');
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 5 },
    socketFactory: socketFactory(tls),
    ssl: tls !== null,
    ...(sasl !== null && { sasl: saslOptions(sasl) }),
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...details } = entry.log;
      // An error code in a response reaches whoever asked as an exception, who knows what it means.
      const isAnswer = message.startsWith('Response ');
      const level = isAnswer ? 'debug' : entry.level === logLevel.ERROR ? 'error' : 'warn';
      log[level]({ kafka: redactAll(details) }, redact(message));
    },
  };
  return new Kafka(config);
}

function redactAll(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? redact(value, 300) : value instanceof Error ? redact(value.message, 300) : value,
    ]),
  );
}
