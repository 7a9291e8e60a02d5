import { encode, headersOf, topicOf, type Message } from '../messages/index.js';
import { REGISTRY_ID, type Act } from './plan/plan.js';
import type { Random } from './random.js';
import type { World } from './world.js';

type Did<K extends Act['do']> = Extract<Act, { readonly do: K }>;

/** What operators and strangers append to the log; nodes speak for themselves. */
export class Outsiders {
  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  /** An operator registers a node. */
  register({ node, acknowledgement, liveness, capabilities }: Did<'register'>): void {
    this.publish('REGISTER_NODE', {
      nodeId: node,
      nodeType: 'compute',
      nodeVersion: '1.0.0',
      capabilities: Object.fromEntries(capabilities.map((tag) => [tag, true])),
      endpoints: {},
      metadata: {},
      healthEndpoint: undefined,
      reason: 'startup',
      incarnation: undefined,
      acknowledgement,
      liveness,
      publicKey: undefined,
    });
  }

  deregister(nodeId: string): void {
    this.publish('DEREGISTER_NODE', { nodeId, reason: undefined });
  }

  /** An operator's command, by the api: it waits until the log is there. */
  private publish<T extends 'REGISTER_NODE' | 'DEREGISTER_NODE'>(eventType: T, payload: Message<T>['payload']): void {
    const { time, wire, broker } = this.world;
    const eventId = this.random.uuid();
    const message = {
      eventId,
      eventType,
      eventTimestamp: new Date(time.clock(time.world)).toISOString(),
      sourceNodeId: REGISTRY_ID,
      correlationId: eventId,
      causationId: null,
      payload,
    } as Message;
    const append = (): void => {
      if (wire.isAway('kafka')) return void time.plan(1000, time.world, append);
      broker.append({
        topic: topicOf(eventType),
        key: Buffer.from(payload.nodeId),
        value: Buffer.from(encode(message)),
        headers: headersOf(message),
      });
    };
    append();
  }

  /** Somebody produces an old record again. */
  copy({ topic, back }: Did<'copy'>): void {
    const { broker, rubbish, wire } = this.world;
    const all = broker.all(topic).filter(({ partition, offset }) => !rubbish.has(`${topic}/${partition}/${offset}`));
    const one = all[Math.floor(back * all.length)];
    if (one !== undefined && !wire.isAway('kafka')) broker.append(one, one.partition);
  }

  /** Somebody produces what nobody can read. */
  dropRubbish({ topic, kind }: Did<'rubbish'>): void {
    const { broker, rubbish, wire, time } = this.world;
    if (wire.isAway('kafka')) return;
    const valid = {
      envelope_version: '1.0',
      event_id: this.random.uuid(),
      event_type: 'NODE_BECAME_ACTIVE',
      event_timestamp: new Date(time.clock(time.world)).toISOString(),
      source_node_id: 'somebody',
      correlation_id: this.random.uuid(),
      causation_id: null,
      payload: { node_id: 'nobody', attempt_id: this.random.uuid() },
    };
    const value = ((): Buffer | null => {
      switch (kind) {
        case 'text':
          return Buffer.from('no JSON at all');
        case 'tombstone':
          return null;
        case 'bytes':
          return Buffer.from([0xff, 0xfe, 0x00, 0xc3]);
        case 'unknown-type':
          return Buffer.from(JSON.stringify({ ...valid, event_type: 'NODE_SANG' }));
        case 'no-key':
        case 'wrong-key':
        case 'wrong-topic':
          return Buffer.from(
            JSON.stringify({ ...valid, event_type: 'NODE_DEREGISTERED', payload: { node_id: 'nobody' } }),
          );
        default:
          return unreachable(kind);
      }
    })();
    const key = kind === 'no-key' ? null : Buffer.from(kind === 'wrong-key' ? 'somebody-else' : 'nobody');
    const partition = broker.partitionFor(topic, key);
    rubbish.add(`${topic}/${partition}/${broker.end(topic, partition)}`);
    broker.append({ topic, key, value, headers: {} }, partition);
  }
}

function unreachable(value: never): never {
  throw new Error(`unknown: ${JSON.stringify(value)}`);
}
