import type { ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, type Admin, type SASLOptions } from 'kafkajs';
import { openSocket } from './open-socket.js';

export type KafkaClientOptions = {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** TLS: `true`, or what Node's `tls.connect` takes beside host and port (ca, cert, key). Left out: plain text. */
  readonly ssl?: boolean | ConnectionOptions;
  /** Who this client says that it is. Left out: brokers do not ask. */
  readonly sasl?: SASLOptions;
};

/** Of `sasl` a copy, as kafkajs leaves something on it. `complain` gets what kafkajs would write to its log: errors alone. */
export function createKafka(
  { brokers, clientId, ssl, sasl }: KafkaClientOptions,
  complain: (text: string) => void,
): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
    connectionTimeout: 3000,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 },
    socketFactory: openSocket,
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => complain(entry.log.message),
  });
}

/** An idle connection costs a timer of 1 ms in kafkajs, so this one does not stay. */
export async function asAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
