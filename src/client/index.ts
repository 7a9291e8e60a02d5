/**
 * What a node needs to take part: its side of the protocol (pure, `node-protocol.ts`) and a transport to speak through.
 * Knows `messages` and nothing of the registry's inside. Grows into the SDK; `fleet` is its first user.
 */
export * from './node-protocol.js';
export * from './stamp.js';
export * from './transport.js';
export { KafkaTransport, type KafkaTransportOptions } from './kafka/kafka-transport.js';
export { HttpTransport, type HttpTransportOptions } from './http/http-transport.js';
