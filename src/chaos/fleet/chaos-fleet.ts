import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ANSWER_TYPES, NOTICE_TYPES } from '../../client/index.js';
import type { AnswerType, Heard, Listener, NodeMessageType, Transport } from '../../client/index.js';
import { nodeIdOf } from '../../fleet/simulated-node.js';
import { errorText, type Message, type MessageType } from '../../messages/index.js';
import type { ExpectedNode } from '../evidence.js';
import type { Random } from '../random.js';
import { act } from './action.js';
import { dueBeats } from './beats.js';
import { hearAnswer, hearRequest, newNode, start, type ChaosNode, type Said } from './chaos-node.js';
import { nothingYet, type FleetCounts, type Registered } from './counts.js';

const TICK_MS = 100;
const ANSWERS: ReadonlySet<MessageType> = new Set([...ANSWER_TYPES, 'NODE_LIVENESS_EXPIRED']);

/**
 * Nodes that live: they start, change, leave, die and come back, at a steady rate and whatever is broken meanwhile. Each knows
 * what it said last, so the fleet knows who has to be what in the end.
 */
export class ChaosFleet implements Listener {
  readonly types: readonly MessageType[] = [...ANSWER_TYPES, ...NOTICE_TYPES];
  readonly counts: FleetCounts = nothingYet();
  readonly registered: Registered[] = [];
  /** What was away last, for people. */
  waitingFor: string | undefined;
  private readonly nodes = new Map<string, ChaosNode>();
  private timer: NodeJS.Timeout | undefined;
  private said: Message<NodeMessageType>[] = [];
  private owed = 0;
  private isActing = false;
  private lastTickAt = 0;

  constructor(
    private readonly transport: Transport,
    private readonly options: {
      readonly size: number;
      readonly actionsPerSecond: number;
      readonly random: Random;
      /** It can't go on: a message can never be sent. */
      readonly onFailure: (error: unknown) => void;
    },
  ) {
    for (let index = 0; index < options.size; index += 1) {
      const node = newNode(nodeIdOf('node', index), index);
      this.nodes.set(node.id, node);
    }
  }

  /** All nodes start, and beat from when they are active. */
  begin(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.lastTickAt = Date.now();
    for (const node of this.nodes.values()) this.say(start(node, randomUUID(), this.lastTickAt));
    this.counts.starts += this.nodes.size;
    this.flush();
  }

  /** From now on nodes also start anew, change, leave and die; until {@link rest}. */
  act(): void {
    this.isActing = true;
  }

  /** Nothing new; heartbeats and answers go on. */
  rest(): void {
    this.isActing = false;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  get active(): number {
    return [...this.nodes.values()].filter(({ fate, state }) => fate === 'stays' && state.status === 'active').length;
  }

  /** Nodes that mean to be active and are not, with where they stand. */
  get unfinished(): readonly string[] {
    return [...this.nodes.values()]
      .filter(({ fate, state }) => fate === 'stays' && state.status !== 'active')
      .map(({ id, state }) => `${id} (${state.status})`);
  }

  get expected(): readonly ExpectedNode[] {
    return [...this.nodes.values()].map(({ id: nodeId, fate, incarnation, edition }) => ({
      nodeId,
      presence: fate === 'stays' ? 'active' : 'gone',
      incarnation,
      edition,
    }));
  }

  /** Resolves when a node is active that starts from now on, or when the time is over. */
  async registers(withinMs: number, signal: AbortSignal): Promise<void> {
    const from = Date.now();
    while (Date.now() < from + withinMs && !this.registered.some(({ beganAt }) => beganAt >= from)) {
      await sleep(TICK_MS, undefined, { signal });
    }
  }

  /** Resolves when, besides, nobody waits any more who began before now; or when the time is over. */
  async catchesUp(withinMs: number, signal: AbortSignal): Promise<void> {
    const from = Date.now();
    await this.registers(withinMs, signal);
    const waits = ({ fate, state, beganAt }: ChaosNode): boolean =>
      fate === 'stays' && state.status !== 'active' && beganAt < from;
    while (Date.now() < from + withinMs && [...this.nodes.values()].some(waits)) {
      await sleep(TICK_MS, undefined, { signal });
    }
  }

  /** Nodes that lost their place although they lived, and mean to be active, and have not been since. */
  get notBack(): number {
    return [...this.nodes.values()].filter(({ fate, isOut }) => fate === 'stays' && isOut).length;
  }

  anyNodeId(): string {
    return this.options.random.pick([...this.nodes.keys()]);
  }

  knows(nodeId: string): boolean {
    return this.nodes.has(nodeId);
  }

  hear({ nodeId, decoded }: Heard): void {
    this.waitingFor = undefined;
    // Rubbish is written on every topic: what cannot be read is nothing to a node.
    if (!decoded.ok) return;
    const { message } = decoded;
    const now = Date.now();
    if (message.eventType === 'REGISTRY_REQUEST_INTROSPECTION') {
      const asked = nodeId === null ? [...this.nodes.values()] : [this.nodes.get(nodeId)];
      for (const node of asked) if (node !== undefined) this.say(hearRequest(node, message, randomUUID(), now));
      return;
    }
    const node = nodeId === null ? undefined : this.nodes.get(nodeId);
    if (node === undefined || !isAnswer(message)) return;
    const before = node.state;
    const answer = hearAnswer(node, message, randomUUID(), now);
    if (node.state !== before) this.noteChange(node, message, now);
    this.say(answer);
  }

  heardAll(): void {
    this.flush();
  }

  trouble(reason: string): void {
    this.waitingFor = reason;
  }

  private noteChange(node: ChaosNode, { eventType }: Message, now: number): void {
    if (eventType === 'NODE_LIVENESS_EXPIRED') this.counts.expired += 1;
    if (node.state.status === 'ack_timed_out') this.counts.ackTimedOut += 1;
    if (eventType === 'NODE_LIVENESS_EXPIRED' || node.state.status === 'ack_timed_out') node.isOut = true;
    if (node.state.status === 'active') node.isOut = false;
    if (node.state.status !== 'active' || node.wasActive) return;
    node.wasActive = true;
    node.nextBeatAt = now + this.options.random.next() * (node.state.heartbeatIntervalMs ?? 0);
    this.counts.registrations += 1;
    this.registered.push({ beganAt: node.beganAt, activeAt: now });
  }

  private tick(): void {
    const now = Date.now();
    this.owed += this.isActing ? ((now - this.lastTickAt) / 1000) * this.options.actionsPerSecond : 0;
    this.lastTickAt = now;
    for (; this.owed >= 1; this.owed -= 1) {
      const { what, said } = act([...this.nodes.values()], this.options.random, randomUUID(), now);
      this.counts[what] += 1;
      this.say(said);
    }
    this.flush();
    this.beat(now);
  }

  private beat(now: number): void {
    const { beating, said } = dueBeats(this.nodes.values(), now);
    if (said.length === 0) return;
    this.transport.send(said).then(() => {
      for (const node of beating) node.isBeating = false;
      this.waitingFor = undefined;
      this.counts.heartbeats += said.length;
    }, this.fail);
  }

  private say(said: Said): void {
    this.said.push(...said);
  }

  /** Together, and in order: what one node says is never overtaken by what it says next. */
  private flush(): void {
    if (this.said.length === 0) return;
    this.transport.send(this.said.splice(0)).catch(this.fail);
  }

  /** What can't be sent because all is over is nobody's failure. */
  private readonly fail = (error: unknown): void => {
    if (this.timer === undefined) return;
    this.options.onFailure(new Error(`the fleet can't send: ${errorText(error)}`, { cause: error }));
  };
}

function isAnswer(message: Message): message is Message<AnswerType | 'NODE_LIVENESS_EXPIRED'> {
  return ANSWERS.has(message.eventType);
}
