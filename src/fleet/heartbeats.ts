import { heartbeat, stamped, type NodeMessageType } from '../client/index.js';
import type { Message } from '../messages/index.js';
import type { SimulatedNode } from './simulated-node.js';

/** Heartbeats that are due within this time go together. */
const SLOT_MS = 100;

type Send = (messages: readonly Message<NodeMessageType>[]) => Promise<void>;

/**
 * The heartbeats of a fleet: each node at the interval that its *accepted* told, from a moment within the first one that chance
 * decides, so that nodes which became active together do not beat together. Heartbeats that could not be sent are not collected:
 * a node whose last one is still on its way leaves the next one out.
 */
export class Heartbeats {
  readonly #due = new Map<number, SimulatedNode[]>();
  readonly #beating = new Set<SimulatedNode>();
  readonly #underWay = new Set<SimulatedNode>();
  #timer: NodeJS.Timeout | undefined;
  #slot = 0;
  #isStopped = false;

  constructor(
    private readonly send: Send,
    private readonly clock: () => number,
    private readonly random: () => number = Math.random,
  ) {}

  /** From now on, for as long as the node is active. */
  begin(node: SimulatedNode): void {
    const intervalMs = intervalOf(node);
    if (intervalMs === undefined || this.#isStopped || this.#beating.has(node)) return;
    this.#beating.add(node);
    this.#slot ||= slotOf(this.clock());
    this.#timer ??= setInterval(() => this.#tick(), SLOT_MS);
    this.#schedule(node, this.clock() + this.random() * intervalMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  #schedule(node: SimulatedNode, at: number): void {
    // Never into a slot that is being worked off.
    const slot = Math.max(slotOf(at), this.#slot + 1);
    const others = this.#due.get(slot);
    if (others === undefined) this.#due.set(slot, [node]);
    else others.push(node);
  }

  #tick(): void {
    const now = slotOf(this.clock());
    const nodes: SimulatedNode[] = [];
    const messages: Message<NodeMessageType>[] = [];
    for (; this.#slot <= now; this.#slot += 1) {
      for (const node of this.#due.get(this.#slot) ?? []) {
        const intervalMs = intervalOf(node);
        if (intervalMs === undefined) {
          this.#beating.delete(node);
          continue;
        }
        this.#schedule(node, this.#slot * SLOT_MS + intervalMs);
        if (this.#underWay.has(node)) continue;
        nodes.push(node);
        messages.push(...heartbeat(node.id, node.state).says.map((saying) => stamped(node.id, saying)));
      }
      this.#due.delete(this.#slot);
    }
    if (messages.length > 0) void this.#sendFor(nodes, messages);
  }

  async #sendFor(nodes: readonly SimulatedNode[], messages: readonly Message<NodeMessageType>[]): Promise<void> {
    for (const node of nodes) this.#underWay.add(node);
    await this.send(messages);
    for (const node of nodes) this.#underWay.delete(node);
  }
}

function slotOf(milliseconds: number): number {
  return Math.floor(milliseconds / SLOT_MS);
}

/** Undefined where the node is not active, or does not know its interval yet. */
function intervalOf({ state }: SimulatedNode): number | undefined {
  return state.status === 'active' ? (state.heartbeatIntervalMs ?? undefined) : undefined;
}
