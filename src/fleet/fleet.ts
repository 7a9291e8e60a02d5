import { setTimeout as sleep } from 'node:timers/promises';
import { acknowledge, ANSWER_TYPES, hear, stamped } from '../client/index.js';
import type { AnswerType, Heard, Listener, NodeMessageType, NodeState, Transport } from '../client/index.js';
import type { Message, MessageType } from '../messages/index.js';
import { Audit, COURSE, LINKS } from './audit.js';
import { Latencies } from './latencies.js';
import type { FleetOptions } from './options.js';
import { Schedule } from './schedule.js';
import { begin, nodeIdOf, type SimulatedNode } from './simulated-node.js';
import { within } from './within.js';

/** At full speed this many are handed over at once; two such portions are under way. */
const PORTION = 500;
/** Fewer, larger sends at high rates; up to this late, which the latencies include. */
const SHORTEST_SLEEP_MS = 2;
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
  readonly #incarnation = Date.now();
  #acks: { readonly node: SimulatedNode; readonly ack: Message<NodeMessageType> }[] = [];
  #changedAt = 0;
  #end: (ending: Ending) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly options: FleetOptions,
    private readonly transport: Transport,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.audit = new Audit(options);
    this.types = [...ANSWER_TYPES, 'DEAD_LETTER', ...(options.verify ? [...COURSE, ...LINKS] : [])];
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
    const introduced = this.options.rate === undefined ? this.#flood(stop.signal) : this.#pace(stop.signal);
    introduced.catch(this.#fail);
    try {
      return await ended;
    } finally {
      clearInterval(watch);
      signal.removeEventListener('abort', interrupt);
      stop.abort();
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
    const node = this.nodes.get(nodeId);
    if (node === undefined) return;
    if (!decoded.ok) return this.audit.violation(nodeId, `unreadable message: ${decoded.reason}`);
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
    if (this.#acks.length === 0) return;
    const acks = this.#acks;
    this.#acks = [];
    this.#send(acks.map(({ ack }) => ack)).then(() => {
      this.counts.acked += acks.length;
    }, this.#fail);
  }

  trouble(reason: string): void {
    this.waitingFor = reason;
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
      this.lastActiveAt = now;
      this.latencies.publishToActive.add(now - node.dueAt);
      if (node.ackedAt !== undefined) this.latencies.ackToActive.add(now - node.ackedAt);
    }
    this.#count(node.state, 1);
    const { active, rejected, timedOut } = this.counts;
    if (active + rejected + timedOut === this.options.nodes) this.#end('complete');
  }

  #count({ status }: NodeState, change: 1 | -1): void {
    if (status === 'active') this.counts.active += change;
    if (status === 'rejected') this.counts.rejected += change;
    if (status === 'ack_timed_out') this.counts.timedOut += change;
  }

  /** As fast as the producer takes them: one portion is being sent while the next one is made. */
  async #flood(stop: AbortSignal): Promise<void> {
    let before = Promise.resolve();
    for (let next = 0; next < this.options.nodes && !stop.aborted; next += PORTION) {
      const now = this.clock();
      const sent = this.#introduce(next, Math.min(next + PORTION, this.options.nodes), () => now);
      sent.catch(this.#fail);
      await before;
      before = sent;
    }
    await before;
  }

  async #pace(stop: AbortSignal): Promise<void> {
    const { nodes, rate = 1 } = this.options;
    const schedule = new Schedule(nodes, rate, this.clock());
    for (let next = 0; next < nodes && !stop.aborted;) {
      const due = schedule.due(this.clock());
      if (due > next) this.#introduce(next, due, (index) => schedule.dueAt(index)).catch(this.#fail);
      next = due;
      const { active, rejected, timedOut } = this.counts;
      if (active + rejected + timedOut === next) this.#changedAt = schedule.dueAt(next);
      await sleep(Math.max(SHORTEST_SLEEP_MS, schedule.dueAt(next) - this.clock()), undefined, { signal: stop }).catch(
        () => undefined,
      );
    }
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

function isAnswer(message: Message): message is Message<AnswerType> {
  return ANSWERS.has(message.eventType);
}
