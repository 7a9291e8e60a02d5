import type { HttpAddress, KafkaAddress, KafkaSasl } from './options.js';
import type { Signer } from './signing.js';
import type { Transport } from './transport.js';

const TOPIC_PREFIX = 'dev.onex';

/** Loads what the address needs, and nothing else: a node that speaks HTTP has no use for a Kafka client. */
export async function transportOf(
  address: HttpAddress | KafkaAddress,
  nodeId: string,
  signer?: Signer,
): Promise<Transport> {
  if ('url' in address) {
    const { HttpTransport } = await import('./http/http-transport.js');
    const { url, token } = address;
    return new HttpTransport({ url, ...(token === undefined ? {} : { token }), ...(signer && { signer }) });
  }
  const { KafkaTransport } = await import('./kafka/kafka-transport.js');
  const { brokers, topicPrefix = TOPIC_PREFIX, ssl, sasl } = address.kafka;
  return new KafkaTransport({
    brokers,
    topicPrefix,
    clientId: `rollcall-node-${nodeId}`,
    ...(signer && { signer }),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: credentialsOf(sasl) }),
  });
}

/** As kafkajs has it: the same, mechanism by mechanism. */
function credentialsOf(sasl: KafkaSasl) {
  switch (sasl.mechanism) {
    case 'oauthbearer':
      return { mechanism: sasl.mechanism, oauthBearerProvider: sasl.oauthBearerProvider };
    case 'plain':
      return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };
    case 'scram-sha-256':
      return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };
    case 'scram-sha-512':
      return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };
  }
}
