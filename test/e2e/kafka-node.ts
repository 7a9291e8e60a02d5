import type { MessageType } from '../../src/messages/index.js';
import { until } from '../support/stack.js';
import type { Ear } from './ear.js';
import { say, type Said } from './node-message.js';
import type { Seen, World } from './world.js';

type Fields = Readonly<Record<string, unknown>>;

const DESCRIBED = {
  node_type: 'effect',
  node_version: '1.0.0',
  capabilities: ['resize'],
  endpoints: { api: 'http://10.1.2.3:8080/' },
  incarnation: 100,
};

/** A node that does on Kafka what its test tells it to, and nothing by itself but beat. */
export class KafkaNode {
  /** Introspections and commands, in the order in which they were said: the roots of its workflows. */
  readonly roots: Said[] = [];
  private timer: NodeJS.Timeout | undefined;
  private lastBeat: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly ear: Ear,
    readonly nodeId: string,
    private readonly beatEveryMs: number,
  ) {}

  /** Describes itself; fields that are undefined are left out. */
  introspect(fields: Fields = {}): Promise<Said> {
    return this.root(say(this.nodeId, 'NODE_INTROSPECTION', { ...DESCRIBED, ...fields }));
  }

  /** Says goodbye. */
  leave(fields: Fields = {}): Promise<Said> {
    return this.introspect({ reason: 'shutdown', ...fields });
  }

  /** An operator registers it. */
  registered(fields: Fields = {}): Promise<Said> {
    return this.root(say(this.nodeId, 'REGISTER_NODE', { ...DESCRIBED, ...fields }));
  }

  /** An operator takes it out. */
  deregistered(reason?: string): Promise<Said> {
    return this.root(say(this.nodeId, 'DEREGISTER_NODE', { reason }));
  }

  /** Answers an *accepted*, or another attempt, or (without) whichever it is. */
  ack(attemptId?: string): Promise<Said> {
    return this.append(say(this.nodeId, 'NODE_REGISTRATION_ACKED', { attempt_id: attemptId }));
  }

  heartbeat(): Promise<Said> {
    return this.append(say(this.nodeId, 'NODE_HEARTBEAT', { uptime_seconds: 1 }));
  }

  /** Beats until it is told to hush. */
  beat(): void {
    this.timer ??= setInterval(() => {
      this.lastBeat = this.lastBeat.then(() => this.heartbeat());
      // A world that is gone takes no beats; what the registry made of it is what the tests look at.
      this.lastBeat = this.lastBeat.catch(() => undefined);
    }, this.beatEveryMs);
  }

  /** Resolves once its last beat is in the log. */
  async hush(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.lastBeat;
  }

  hears(type: MessageType, count = 1): Promise<Seen> {
    return this.ear.until(this.nodeId, type, count);
  }

  /** The `count`th *accepted*, as the attempt that it is about. */
  async accepted(count = 1): Promise<string> {
    const { envelope } = await this.hears('NODE_REGISTRATION_ACCEPTED', count);
    return envelope.payload['attempt_id'] as string;
  }

  /** Acknowledges its `count`th *accepted*, hears that it is active, and beats. */
  async activate(count = 1): Promise<string> {
    const attemptId = await this.accepted(count);
    const before = this.ear.of(this.nodeId, 'NODE_BECAME_ACTIVE').length;
    await this.ack(attemptId);
    await this.hears('NODE_BECAME_ACTIVE', before + 1);
    this.beat();
    return attemptId;
  }

  /** The registry has decided on what was said, ignored or not. */
  async decided({ eventId }: Said): Promise<void> {
    await until(
      async () =>
        (
          await this.world.rows(
            `select 1 from journal where machine = 'orchestrator' and node_id = $1 and event_id = $2`,
            [this.nodeId, eventId],
          )
        ).length > 0,
      { what: `a decision of the orchestrator on ${eventId} of ${this.nodeId}` },
    );
  }

  private root(said: Said): Promise<Said> {
    this.roots.push(said);
    return this.append(said);
  }

  private async append(said: Said): Promise<Said> {
    await this.world.append(said.topic, said.record.key, said.record.value);
    return said;
  }
}
