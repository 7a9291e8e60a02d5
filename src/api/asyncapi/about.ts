import type { MessageType, Party } from '../../messages/index.js';

/** What each message means, and when it comes: for AsyncAPI, and for the reference of events. */
export const ABOUT: Readonly<Record<MessageType, string>> = {
  NODE_INTROSPECTION:
    'A node tells what it is: when its process starts, when something of it changes, when it is asked, and as a goodbye.',
  NODE_REGISTRATION_ACKED: 'A node that was accepted says that it is ready to work.',
  NODE_HEARTBEAT: 'An active node says that it is alive, as often as the registry asked for.',
  REGISTER_NODE: 'An operator registers a node that does not speak for itself, or changes its record.',
  DEREGISTER_NODE: 'An operator takes a node out, or a node itself.',
  DEADLINE_PASSED:
    'A marker in the topic that it judges: what stands before it in its partition came in time. Only the registry writes it; readers pass over it.',
  REGISTRY_REQUEST_INTROSPECTION:
    'The registry asks one node to introduce itself, or all of them, as it does at its start.',
  NODE_REGISTRATION_INITIATED:
    'A node was admitted, and its record is on its way to both backends; or the record of an active node changes.',
  NODE_DEREGISTRATION_INITIATED:
    'A node is on its way out, for whatever reason: from here on it takes no part, and both backends are to forget it.',
  CONSUL_INTENT: 'What Consul is to hold of a node.',
  POSTGRES_INTENT: 'What PostgreSQL is to hold of a node.',
  CONSUL_REGISTERED: 'Consul holds the record of the intent.',
  CONSUL_DEREGISTERED: 'Consul holds nothing of the node any more.',
  CONSUL_SERVICE_REMOVED: 'An entry that nobody desired is gone from Consul.',
  POSTGRES_REGISTRATION_UPSERTED: 'PostgreSQL holds the record of the intent.',
  POSTGRES_REGISTRATION_DEACTIVATED: 'PostgreSQL has closed the record of the node.',
  REGISTRY_EFFECT_FAILED:
    'A backend refused the content of an intent for good. An outage is never told so: then the intent waits.',
  REGISTRATION_PARTIAL: 'One backend has confirmed, and the other not yet.',
  REGISTRATION_COMPLETED: 'Both backends have confirmed.',
  REGISTRATION_FAILED: 'Both backends have answered, and at least one refused for good.',
  NODE_REGISTRATION_ACCEPTED:
    'The record is stored: the node has to acknowledge within `ack_timeout_ms`, unless that is null, and beats every `heartbeat_interval_ms` once it is active. With one backend false it is accepted without it, which catches up by itself.',
  NODE_REGISTRATION_REJECTED: 'What the node said is not admitted. A registration that runs goes on as it was.',
  NODE_REGISTRATION_ACK_RECEIVED: 'The acknowledgement came in time.',
  NODE_REGISTRATION_ACK_TIMED_OUT: 'No acknowledgement came in time. The node is removed, and asked once to try again.',
  NODE_BECAME_ACTIVE: 'The node has said that it is ready, or need not: from here on others find it as passing.',
  NODE_REGISTRATION_UPDATED: 'Both backends hold the changed record of an active node.',
  NODE_REGISTRATION_UPDATE_FAILED: 'A backend refused the changed record. The node stays active.',
  NODE_REGISTRATION_CONVERGED: 'A node that was accepted with one backend now has both.',
  NODE_LIVENESS_EXPIRED: 'An active node was silent for too long. It is removed, until it introduces itself again.',
  NODE_DEREGISTERED: 'Both backends have forgotten the node.',
  REGISTRY_EXPIRY_HELD: 'So much of the fleet fell silent at once that nothing expires until it is clear why.',
  REGISTRY_EXPIRY_RESUMED: 'Nodes expire again, each in its time.',
  REGISTRY_DRIFT_DETECTED: 'A backend does not hold what is desired of a node; it is asked for again.',
  NODE_REGISTRATION_SNAPSHOT:
    'A node as it is now. The last record for a key counts; a tombstone (a null value) says that the node takes no part any more.',
  DEAD_LETTER: 'A message that can never be handled, with all that is needed to look at it and to send it again.',
};

/** Who sends or reads, in words. */
export const PARTIES: Readonly<Record<Party, string>> = {
  node: 'nodes',
  api: 'the REST API',
  operator: 'operators',
  subscriber: 'whoever subscribes',
  orchestrator: 'the orchestrator',
  reducer: 'the reducer',
  'registry-effect': 'the effects',
  runtime: 'the runtime',
};

/** Who is outside of the registry: what they send it receives, and the other way round. */
export const OUTSIDE: readonly Party[] = ['node', 'operator', 'subscriber'];
