import type { Ear } from './ear.js';
import { say, type Said } from './node-message.js';
import type { Seen, World } from './world.js';

/** What nodes of a fleet are made of, beside their id. */
const DESCRIBED = {
  node_type: 'effect',
  node_version: '1.0.0',
  capabilities: { resize: true, operations: ['crop', 'scale'] },
  endpoints: { api: 'http://10.1.2.3:8080/' },
  metadata: { team: 'images' },
  incarnation: 100,
};

/** For hundreds of handshakes, also where a replica is gone amid them. */
const PATIENCE_MS = 180_000;

/**
 * Many nodes in one place: each introduces itself, acknowledges what it hears, and beats once it is active, as long as it is not
 * told to hush. They do not answer broadcasts, so what happens to them is what their test wants.
 */
export class TalkingFleet {
  readonly nodeIds: readonly string[];
  private readonly talking = new Set<string>();
  private readonly quiet = new Set<string>();
  private readonly acknowledged = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  private readonly deaf: () => void;
  private acks: Said[] = [];
  private lastBeats: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly world: World,
    private readonly ear: Ear,
    options: { readonly prefix: string; readonly size: number; readonly beatEveryMs: number },
  ) {
    this.nodeIds = Array.from({ length: options.size }, (_, index) => `${options.prefix}-${index}`);
    const members = new Set(this.nodeIds);
    this.deaf = ear.listen((record) => members.has(record.key ?? '') && this.hear(record));
    this.timer = setInterval(() => this.beat(), options.beatEveryMs);
  }

  /** Introductions of all, or of some. */
  async introduce(nodeIds: readonly string[] = this.nodeIds): Promise<void> {
    await this.send(nodeIds.map((nodeId) => say(nodeId, 'NODE_INTROSPECTION', DESCRIBED)));
  }

  /** All of them are active. */
  async active(): Promise<void> {
    await this.ear.when(
      () => (this.talking.size === this.nodeIds.length ? true : undefined),
      'the whole fleet to be active',
      { heard: () => `${this.talking.size} of ${this.nodeIds.length}`, patienceMs: PATIENCE_MS },
    );
  }

  /** Some fall silent; resolves once their last beat is in the log. */
  async hush(nodeIds: readonly string[]): Promise<void> {
    for (const nodeId of nodeIds) this.quiet.add(nodeId);
    await this.lastBeats;
  }

  /** Those who were silent speak again. */
  talk(): void {
    this.quiet.clear();
  }

  async deregister(nodeIds: readonly string[]): Promise<void> {
    await this.hush(nodeIds);
    await this.send(nodeIds.map((nodeId) => say(nodeId, 'DEREGISTER_NODE')));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.deaf();
    await this.lastBeats;
  }

  private hear({ key, envelope }: Seen): void {
    const nodeId = key ?? '';
    if (envelope.event_type === 'NODE_BECAME_ACTIVE') this.talking.add(nodeId);
    // A copy of an *accepted* is the same, and acknowledged already.
    if (envelope.event_type !== 'NODE_REGISTRATION_ACCEPTED' || this.acknowledged.has(envelope.event_id)) return;
    this.acknowledged.add(envelope.event_id);
    const attempt = { attempt_id: envelope.payload['attempt_id'] };
    const { correlation_id: correlationId, event_id: causationId } = envelope;
    this.acks.push(
      say(nodeId, 'NODE_REGISTRATION_ACKED', attempt, { correlation_id: correlationId, causation_id: causationId }),
    );
    // Together with those that are heard in the same moment.
    if (this.acks.length === 1) setImmediate(() => this.sendInTurn(this.acks.splice(0)));
  }

  private beat(): void {
    const beating = [...this.talking].filter((nodeId) => !this.quiet.has(nodeId));
    if (beating.length > 0) this.sendInTurn(beating.map((nodeId) => say(nodeId, 'NODE_HEARTBEAT')));
  }

  private sendInTurn(said: readonly Said[]): void {
    // What does not arrive shows in what the registry makes of it.
    this.lastBeats = this.lastBeats.then(() => this.send(said)).catch(() => undefined);
  }

  private async send(said: readonly Said[]): Promise<void> {
    const [first] = said;
    if (first === undefined) return;
    await this.world.appendAll(
      first.topic,
      said.map(({ record }) => record),
    );
  }
}
