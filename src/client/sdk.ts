/**
 * `rollcall/client`: what a node needs to take part. The other modules of this folder are its inside, which the fleet, chaos and the
 * benchmarks use, too.
 */
export { join } from './join.js';
export { Membership, NotActive } from './membership.js';
export type { BackendError, MembershipEvents, MembershipStatus } from './membership.js';
export type { Changes, NodeDescription } from './node-description.js';
export { OptionsError } from './options.js';
export { generateSigningKey, type PrivateKey } from './signing-key.js';
export type { HttpAddress, JoinOptions, KafkaAddress, KafkaSasl, Measures } from './options.js';
