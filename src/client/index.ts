/**
 * What a node needs to take part: its side of the protocol (pure, `node-protocol.ts` and `hear.ts`) and a transport to speak through.
 * Knows `messages` and nothing of the registry's inside. This is the inside, for programs that play many nodes; what a node's author
 * sees is `sdk.ts`.
 */
export * from './hear.js';
export * from './node-protocol.js';
export * from './signing-key.js';
export * from './signing.js';
export * from './stamp.js';
export * from './transport.js';
export { KafkaTransport, type KafkaTransportOptions } from './kafka/kafka-transport.js';
export { HttpTransport, type HttpTransportOptions } from './http/http-transport.js';
