import type { KafkaTransportOptions } from '../client/index.js';
import { ConfigError, loadConfig } from '../config.js';
import { connectionsOf } from '../config/connections.js';

/** TLS and login, in the words of the client. */
export type KafkaSecurity = Pick<KafkaTransportOptions, 'ssl' | 'sasl'>;

/** As the registry's own environment has it; null where there is nothing to it, a text about what is wrong. */
export function kafkaSecurity(env: Readonly<Record<string, string | undefined>>): KafkaSecurity | null | string {
  const ofKafka = Object.entries(env).filter(([name]) => /^KAFKA_(SSL|SASL)/.test(name));
  if (ofKafka.length === 0) return null;
  try {
    const config = loadConfig(Object.fromEntries([...ofKafka, ['KAFKA_BROKERS', '127.0.0.1:9092']]));
    const { tls, sasl } = connectionsOf(config).kafka;
    return {
      ...(tls !== null && { ssl: { ...tls() } }),
      ...(sasl !== null && { sasl: { ...sasl, password: sasl.password() } }),
    };
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.join('\n');
    throw error;
  }
}
