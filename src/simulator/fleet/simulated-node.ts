import type { Message, MessageType, PayloadOf } from '../../messages/index.js';
import type { Manners } from '../plan/plan.js';
import type { Timings } from '../../runtime/lanes/step.js';
import type { Random } from '../random.js';
import type { Planned, VirtualTime } from '../time/virtual-time.js';
import type { NodeLink } from './link.js';

/** What a node hears from the registry: wire names, as they stand in the log. */
export type Heard = {
  readonly event_type: string;
  readonly correlation_id: string;
  readonly payload: {
    readonly attempt_id?: string;
    readonly target_node_id?: string;
    readonly ack_timeout_ms?: number | null;
  };
};

type Reason = PayloadOf<'NODE_INTROSPECTION'>['reason'];

/** A node that takes part, or neglects to. */
export class SimulatedNode {
  alive = false;
  muted = false;
  manners: Manners = 'prompt';
  incarnation = 0;
  private type = 'effect';
  private capabilities: readonly string[] = [];
  private beating: Planned | null = null;
  private life = 0;

  constructor(
    readonly id: string,
    private readonly timings: Timings,
    private readonly time: VirtualTime,
    private readonly link: NodeLink,
    private readonly random: Random,
  ) {}

  start(manners: Manners): void {
    this.alive = true;
    this.life += 1;
    this.incarnation += 1;
    this.manners = manners;
    this.stopBeating();
    this.announce('startup');
  }

  describe(type: string, capabilities: readonly string[]): void {
    this.type = type;
    this.capabilities = capabilities;
  }

  /** It is gone without a word. */
  crash(): void {
    this.alive = false;
    this.stopBeating();
  }

  announce(reason: Reason): void {
    if (!this.alive) return;
    this.send('NODE_INTROSPECTION', {
      nodeId: this.id,
      nodeType: this.type,
      nodeVersion: '1.0.0',
      capabilities: Object.fromEntries(this.capabilities.map((tag) => [tag, true])),
      endpoints: { api: `http://${this.id}.example:8080` },
      metadata: {},
      healthEndpoint: undefined,
      reason,
      incarnation: this.incarnation,
    });
  }

  /** It says goodbye, and goes. */
  leave(): void {
    this.announce('shutdown');
    this.crash();
  }

  hear({ event_type: type, payload, correlation_id: correlationId }: Heard): void {
    if (!this.alive) return;
    switch (type) {
      case 'REGISTRY_REQUEST_INTROSPECTION':
        return this.announce('request');
      case 'NODE_REGISTRATION_ACCEPTED':
        return this.answer(payload.attempt_id ?? '', correlationId, payload.ack_timeout_ms ?? null);
      case 'NODE_LIVENESS_EXPIRED':
        return this.announce('request');
      default:
    }
  }

  private answer(attemptId: string, correlationId: string, ackTimeoutMs: number | null): void {
    this.startBeating();
    if (ackTimeoutMs === null || this.manners === 'never') return;
    const { random, life } = this;
    const acknowledge = (delayMs: number): void =>
      void this.time.plan(delayMs, this.time.world, () => {
        if (this.alive && this.life === life) {
          this.send('NODE_REGISTRATION_ACKED', { nodeId: this.id, attemptId }, correlationId);
        }
      });
    acknowledge(this.manners === 'late' ? ackTimeoutMs + random.int(-1500, 3000) : random.int(5, 800));
    if (this.manners === 'twice') acknowledge(random.int(5, 4000));
  }

  private startBeating(): void {
    if (this.beating !== null) return;
    const beat = (): void => {
      this.beating = this.time.plan(this.timings.heartbeatIntervalMs, this.time.world, beat);
      if (!this.muted) this.link.beat(this.id, this.message('NODE_HEARTBEAT', heartbeat(this.id), this.random.uuid()));
    };
    this.beating = this.time.plan(this.random.int(100, this.timings.heartbeatIntervalMs), this.time.world, beat);
  }

  private stopBeating(): void {
    if (this.beating !== null) this.beating.cancelled = true;
    this.beating = null;
  }

  private send<T extends MessageType>(eventType: T, payload: PayloadOf<T>, correlationId = this.random.uuid()): void {
    const { life } = this;
    // A goodbye is sent by one who is no longer there.
    const wanted = (): boolean => this.life === life;
    this.link.send(this.id, this.message(eventType, payload, correlationId), wanted);
  }

  private message<T extends MessageType>(eventType: T, payload: PayloadOf<T>, correlationId: string): Message {
    return {
      eventId: this.random.uuid(),
      eventType,
      eventTimestamp: new Date(this.time.clock(this.time.world)).toISOString(),
      sourceNodeId: this.id,
      correlationId,
      causationId: null,
      payload,
    } as Message;
  }
}

function heartbeat(nodeId: string): PayloadOf<'NODE_HEARTBEAT'> {
  return {
    nodeId,
    uptimeSeconds: undefined,
    activeOperationsCount: undefined,
    memoryUsageMb: undefined,
    cpuUsagePercent: undefined,
  };
}
