import type { DEADLINE_KINDS } from './commands.js';
import type { MessageType } from './catalogue.js';

/** Who takes part. Components of ours have a contract.yaml, which boot checks against this table; the others are outside. */
export const COMPONENTS = ['orchestrator', 'reducer', 'registry-effect'] as const;
export type Component = (typeof COMPONENTS)[number];
export type Party = Component | 'node' | 'api' | 'runtime' | 'operator' | 'subscriber';

type TopicDeclaration = {
  readonly messages: readonly MessageType[];
  readonly producers: readonly Party[];
  readonly consumers: readonly Party[];
};

/** Every topic, by its suffix: the one place that says what travels where. The full name is `{prefix}.{suffix}`. */
export const TOPICS = {
  'evt.node-introspection.v1': { messages: ['NODE_INTROSPECTION'], producers: ['node'], consumers: ['orchestrator'] },
  'cmd.node-registration-acked.v1': {
    messages: ['NODE_REGISTRATION_ACKED', 'DEADLINE_PASSED'],
    producers: ['node', 'runtime'],
    consumers: ['orchestrator'],
  },
  'evt.node-heartbeat.v1': {
    messages: ['NODE_HEARTBEAT', 'DEADLINE_PASSED'],
    producers: ['node', 'runtime'],
    consumers: ['orchestrator'],
  },
  'cmd.register-node.v1': { messages: ['REGISTER_NODE'], producers: ['api'], consumers: ['orchestrator'] },
  'cmd.deregister-node.v1': { messages: ['DEREGISTER_NODE'], producers: ['api', 'node'], consumers: ['orchestrator'] },
  'evt.registry-request-introspection.v1': {
    messages: ['REGISTRY_REQUEST_INTROSPECTION'],
    producers: ['orchestrator', 'api', 'runtime'],
    consumers: ['node'],
  },
  'evt.node-registration-initiated.v1': {
    messages: ['NODE_REGISTRATION_INITIATED'],
    producers: ['orchestrator'],
    consumers: ['reducer', 'subscriber'],
  },
  'evt.node-deregistration-initiated.v1': {
    messages: ['NODE_DEREGISTRATION_INITIATED'],
    producers: ['orchestrator'],
    consumers: ['reducer', 'subscriber'],
  },
  'intent.consul.v1': { messages: ['CONSUL_INTENT'], producers: ['reducer'], consumers: ['registry-effect'] },
  'intent.postgres.v1': { messages: ['POSTGRES_INTENT'], producers: ['reducer'], consumers: ['registry-effect'] },
  'evt.registry-effect-result.v1': {
    messages: [
      'CONSUL_REGISTERED',
      'CONSUL_DEREGISTERED',
      'CONSUL_SERVICE_REMOVED',
      'POSTGRES_REGISTRATION_UPSERTED',
      'POSTGRES_REGISTRATION_DEACTIVATED',
      'REGISTRY_EFFECT_FAILED',
    ],
    producers: ['registry-effect'],
    consumers: ['reducer'],
  },
  'evt.registration-progress.v1': {
    messages: ['REGISTRATION_PARTIAL', 'REGISTRATION_COMPLETED', 'REGISTRATION_FAILED', 'DEADLINE_PASSED'],
    producers: ['reducer', 'runtime'],
    consumers: ['orchestrator'],
  },
  'evt.node-registration-accepted.v1': fromOrchestrator('NODE_REGISTRATION_ACCEPTED', 'node'),
  'evt.node-registration-rejected.v1': fromOrchestrator('NODE_REGISTRATION_REJECTED', 'node'),
  'evt.node-registration-ack-received.v1': fromOrchestrator('NODE_REGISTRATION_ACK_RECEIVED', 'subscriber'),
  'evt.node-registration-ack-timed-out.v1': fromOrchestrator('NODE_REGISTRATION_ACK_TIMED_OUT', 'subscriber'),
  'evt.node-became-active.v1': fromOrchestrator('NODE_BECAME_ACTIVE', 'reducer', 'subscriber'),
  'evt.node-registration-updated.v1': fromOrchestrator('NODE_REGISTRATION_UPDATED', 'subscriber'),
  'evt.node-registration-update-failed.v1': fromOrchestrator('NODE_REGISTRATION_UPDATE_FAILED', 'subscriber'),
  'evt.node-registration-converged.v1': fromOrchestrator('NODE_REGISTRATION_CONVERGED', 'subscriber'),
  'evt.node-liveness-expired.v1': fromOrchestrator('NODE_LIVENESS_EXPIRED', 'subscriber'),
  'evt.node-deregistered.v1': fromOrchestrator('NODE_DEREGISTERED', 'subscriber'),
  'evt.registry-expiry.v1': {
    messages: ['REGISTRY_EXPIRY_HELD', 'REGISTRY_EXPIRY_RESUMED'],
    producers: ['runtime'],
    consumers: ['subscriber'],
  },
  'evt.registry-drift-detected.v1': {
    messages: ['REGISTRY_DRIFT_DETECTED'],
    producers: ['runtime'],
    consumers: ['reducer', 'operator'],
  },
  'snapshot.node-registrations.v1': {
    messages: ['NODE_REGISTRATION_SNAPSHOT'],
    producers: ['runtime'],
    consumers: ['subscriber'],
  },
  'dlq.v1': { messages: ['DEAD_LETTER'], producers: ['runtime'], consumers: ['operator'] },
} as const satisfies Record<string, TopicDeclaration>;

function fromOrchestrator<const T extends MessageType, const P extends Party>(message: T, ...consumers: readonly P[]) {
  return { messages: [message], producers: ['orchestrator'], consumers } as const;
}

export type TopicSuffix = keyof typeof TOPICS;

export const TOPIC_SUFFIXES = Object.keys(TOPICS) as readonly TopicSuffix[];

export function isTopicSuffix(name: string): name is TopicSuffix {
  return Object.hasOwn(TOPICS, name);
}

export function messagesOn(topic: TopicSuffix): readonly MessageType[] {
  return TOPICS[topic].messages;
}

/** Whether nodes or operators write to the topic, and not we alone. */
export function isWrittenByOthers(topic: TopicSuffix): boolean {
  const producers: readonly Party[] = TOPICS[topic].producers;
  return producers.includes('node') || producers.includes('api');
}

/** Topics that tell the outside what happens to nodes; a snapshot tells how they are. */
export const ACTIVITY_TOPICS: readonly TopicSuffix[] = TOPIC_SUFFIXES.filter((topic) => {
  const consumers: readonly Party[] = TOPICS[topic].consumers;
  return topic.startsWith('evt.') && (consumers.includes('node') || consumers.includes('subscriber'));
});

/** A deadline is judged by the order of the topic that it is about, so its marker goes there. */
export const DEADLINE_TOPICS = {
  ack: 'cmd.node-registration-acked.v1',
  liveness: 'evt.node-heartbeat.v1',
  degraded: 'evt.registration-progress.v1',
} as const satisfies Record<(typeof DEADLINE_KINDS)[number], TopicSuffix>;

const homes = new Map<MessageType, TopicSuffix>();
for (const suffix of TOPIC_SUFFIXES) {
  for (const type of messagesOn(suffix)) if (type !== 'DEADLINE_PASSED') homes.set(type, suffix);
}

/** The one topic of a message type. DEADLINE_PASSED has several: see {@link DEADLINE_TOPICS}. */
export function topicOf(type: Exclude<MessageType, 'DEADLINE_PASSED'>): TopicSuffix {
  const suffix = homes.get(type);
  if (suffix === undefined) throw new Error(`${type} has no topic: add it to src/messages/topics.ts`);
  return suffix;
}

/** Full names and back, for one prefix. */
export class TopicNames {
  constructor(readonly prefix: string) {}

  full(suffix: TopicSuffix): string {
    return `${this.prefix}.${suffix}`;
  }

  suffix(fullName: string): TopicSuffix {
    const suffix = fullName.slice(this.prefix.length + 1);
    if (!fullName.startsWith(`${this.prefix}.`) || !isTopicSuffix(suffix)) {
      throw new Error(`topic ${fullName} is not one of ours (prefix ${this.prefix})`);
    }
    return suffix;
  }
}
