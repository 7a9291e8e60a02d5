import { setTimeout as sleep } from 'node:timers/promises';
import { acknowledge, ANSWER_TYPES, hear, NOTICE_TYPES, stamped } from '../client/index.js';
import type { AnswerType, Heard, Listener, NodeMessageType, NodeState, Transport } from '../client/index.js';
import type { Message, MessageType } from '../messages/index.js';
import { Audit, COURSE, LINKS, TOLD_COURSE } from './audit.js';
import { Heartbeats } from './heartbeats.js';
import { flood, pace } from './introduction.js';
import { Latencies } from './latencies.js';
import type { FleetOptions } from './options.js';
import { answer, begin, nodeIdOf, type SimulatedNode } from './simulated-node.js';
import { within } from './within.js';

const SETTLE_MS = 15_000;

const ANSWERS: ReadonlySet<MessageType> = new Set(ANSWER_TYPES);

export type Ending = 'complete' | 'timed out' | 'interrupted';

export type Counts = {
  /** Introspections that the broker has. */
  sent: number;
  accepted: number;
  /** Acks that the broker has. */
  acked: number;
  active: number;
  rejected: number;
  timedOut: number;
  /** Messages heard again under the same event id, and dropped. */
  copies: number;
  /** Messages about our nodes that belong to another run's workflow. */
  foreign: number;
  deadLetters: number;
  heartbeats: number;
  /** How often a node was told that its silence had been taken for its end. */
  expired: number;
  /** Requests to introspect that nodes have answered. */
  answered: number;
};

/** N nodes in one process: introduces them, answers for them, and keeps the score. */
export class Fleet implements Listener {
  readonly types: readonly MessageType[];
  readonly nodes = new Map<string, SimulatedNode>();
  readonly counts: Counts = {
    sent: 0,
    accepted: 0,
    acked: 0,
    active: 0,
    rejected: 0,
    timedOut: 0,
    copies: 0,
    foreign: 0,
    deadLetters: 0,
    heartbeats: 0,
    expired: 0,
    answered: 0,
  };
  readonly latencies = {
    publishToAccepted: new Latencies(),
    ackToActive: new Latencies(),
    publishToActive: new Latencies(),
  };
  readonly audit: Audit;
  /** The last thing that was away, until something is heard or sent again. */
  waitingFor: string | undefined;
  startedAt: number | undefined;
  lastActiveAt: number | undefined;
  readonly heartbeats: Heartbeats;
  readonly #incarnation = Date.now();
  #acks: { readonly node: SimulatedNode; readonly ack: Message<NodeMessageType> }[] = [];
  #answers: Message<NodeMessageType>[] = [];
  #changedAt = 0;
  #end: (ending: Ending) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly options: FleetOptions,
    private readonly transport: Transport,
    private readonly clock: () => number = () => performance.now(),
  ) {
    const { verify, freshIds, transport: via } = options;
    this.audit = new Audit({ verify, freshIds, course: via.kind === 'http' ? TOLD_COURSE : COURSE });
    this.types = [...ANSWER_TYPES, ...NOTICE_TYPES, 'DEAD_LETTER', ...(verify ? [...COURSE, ...LINKS] : [])];
    this.heartbeats = new Heartbeats((messages) => this.#beat(messages), clock);
  }

  /** Resolves when no node waits any more, or nothing has happened for the timeout, or the signal says so. */
  async run(signal: AbortSignal): Promise<Ending> {
    const ended = new Promise<Ending>((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    const stop = new AbortController();
    const interrupt = () => this.#end('interrupted');
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
    this.#changedAt = this.startedAt = this.clock();
    const watch = setInterval(() => {
      if (this.clock() - this.#changedAt > this.options.timeoutMs) this.#end('timed out');
    }, 100);
    void this.#introduceAll(stop.signal);
    try {
      return await ended;
    } finally {
      clearInterval(watch);
      signal.removeEventListener('abort', interrupt);
      stop.abort();
    }
  }

  /** Goes on as a fleet that is active: only heartbeats, and what they are answered with. */
  async keepAlive(signal: AbortSignal): Promise<Ending> {
    const failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    try {
      await Promise.race([failed, sleep(this.options.heartbeatsMs, undefined, { signal })]);
      return 'complete';
    } catch (error) {
      if (signal.aborted) return 'interrupted';
      throw error;
    } finally {
      this.heartbeats.stop();
      // What fails from here on fails because the fleet is leaving.
      this.#fail = () => undefined;
    }
  }

  /** Hears the rest of what was said, and judges the course of every active node. */
  async verify(signal: AbortSignal): Promise<void> {
    try {
      await within(SETTLE_MS, signal, (until) => this.transport.settle(until));
    } catch (error) {
      return this.audit.violation('-', `not verified, the topics could not be read to their end: ${String(error)}`);
    }
    for (const node of this.nodes.values()) if (node.state.status === 'active') this.audit.verify(node);
  }

  knows(nodeId: string): boolean {
    return this.nodes.has(nodeId);
  }

  hear({ nodeId, value, decoded }: Heard): void {
    if (decoded.ok && decoded.message.eventType === 'REGISTRY_REQUEST_INTROSPECTION') {
      return this.#hearRequest(nodeId, decoded.message);
    }
    const node = nodeId === null ? undefined : this.nodes.get(nodeId);
    if (node === undefined) return;
    if (!decoded.ok) return this.audit.violation(node.id, `unreadable message: ${decoded.reason}`);
    const { message } = decoded;
    const verdict = this.audit.note(node, message, value);
    if (verdict === 'copy') this.counts.copies += 1;
    if (verdict === 'foreign') this.counts.foreign += 1;
    if (verdict !== 'new') return;
    if (message.eventType === 'DEAD_LETTER') {
      this.counts.deadLetters += 1;
      node.deadLetter = `${message.payload.cause}, ${message.payload.reason}`;
    }
    if (isAnswer(message)) this.#enter(node, hear(node.state, message));
  }

  heardAll(): void {
    this.waitingFor = undefined;
    if (this.#answers.length > 0) this.#sendAnswers();
    if (this.#acks.length > 0) this.#sendAcks();
  }

  trouble(reason: string): void {
    this.waitingFor = reason;
  }

  #sendAcks(): void {
    const acks = this.#acks;
    this.#acks = [];
    this.#send(acks.map(({ ack }) => ack)).then(() => {
      this.counts.acked += acks.length;
    }, this.#fail);
  }

  #sendAnswers(): void {
    const answers = this.#answers;
    this.#answers = [];
    this.#send(answers).then(() => {
      this.counts.answered += answers.length;
    }, this.#fail);
  }

  /** Requests stand outside of the workflow, so the audit does not judge them; each node answers one once. */
  #hearRequest(nodeId: string | null, request: Message<'REGISTRY_REQUEST_INTROSPECTION'>): void {
    const asked = nodeId === null ? this.nodes.values() : [this.nodes.get(nodeId)];
    for (const node of asked) {
      if (node === undefined) continue;
      const { state, introspection } = answer(node, request);
      if (introspection !== undefined) this.#answers.push(introspection);
      this.#enter(node, state);
    }
  }

  async #beat(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    try {
      await this.transport.send(messages);
      this.counts.heartbeats += messages.length;
    } catch (error) {
      this.#fail(error);
    }
  }

  #enter(node: SimulatedNode, state: NodeState): void {
    if (state === node.state) return;
    const now = this.clock();
    this.#changedAt = now;
    this.#count(node.state, -1);
    node.state = state;
    if (state.status === 'accepted') {
      if (node.acceptedAt === undefined) {
        this.counts.accepted += 1;
        this.latencies.publishToAccepted.add(now - node.dueAt);
      }
      node.acceptedAt = now;
      const { state: acknowledged, says } = acknowledge(node.id, state);
      node.state = acknowledged;
      node.ackedAt = now;
      for (const saying of says) {
        const ack = stamped(node.id, saying);
        node.ackId = ack.eventId;
        this.#acks.push({ node, ack });
      }
    }
    if (state.status === 'active') {
      if (!node.wasActive) {
        this.lastActiveAt = now;
        this.latencies.publishToActive.add(now - node.dueAt);
        if (node.ackedAt !== undefined) this.latencies.ackToActive.add(now - node.ackedAt);
      }
      node.wasActive = true;
      if (this.options.heartbeatsMs > 0) this.heartbeats.begin(node);
    }
    if (state.status === 'liveness_expired') this.counts.expired += 1;
    this.#count(node.state, 1);
    if (this.#settled === this.options.nodes) this.#end('complete');
  }

  #count({ status }: NodeState, change: 1 | -1): void {
    if (status === 'active') this.counts.active += change;
    if (status === 'rejected') this.counts.rejected += change;
    if (status === 'ack_timed_out') this.counts.timedOut += change;
  }

  #introduceAll(stop: AbortSignal): Promise<void> {
    const { nodes, rate } = this.options;
    const introduce = (from: number, to: number, dueAt: (index: number) => number) =>
      this.#introduce(from, to, dueAt).catch((error: unknown) => this.#fail(error));
    const introduction = { nodes, clock: this.clock, introduce, stop };
    if (rate === undefined) return flood(introduction);
    return pace(introduction, rate, (count, nextAt) => {
      // Nobody waits for anything but the time of the next one.
      if (this.#settled === count) this.#changedAt = nextAt;
    });
  }

  /** Nodes of which nothing more is expected. */
  get #settled(): number {
    const { active, rejected, timedOut } = this.counts;
    return active + rejected + timedOut;
  }

  async #introduce(from: number, to: number, dueAt: (index: number) => number): Promise<void> {
    const begun = [];
    for (let index = from; index < to; index += 1) {
      const one = begin(nodeIdOf(this.options.prefix, index), index, this.#incarnation, dueAt(index));
      this.nodes.set(one.node.id, one.node);
      begun.push(one);
    }
    await this.#send(begun.map(({ introspection }) => introspection));
    for (const { node } of begun) node.sent = true;
    this.counts.sent += begun.length;
  }

  async #send(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    await this.transport.send(this.options.duplicate ? messages.flatMap((message) => [message, message]) : messages);
    this.#changedAt = Math.max(this.#changedAt, this.clock());
    this.waitingFor = undefined;
  }
}

function isAnswer(message: Message): message is Message<AnswerType | 'NODE_LIVENESS_EXPIRED'> {
  return message.eventType === 'NODE_LIVENESS_EXPIRED' || ANSWERS.has(message.eventType);
}
