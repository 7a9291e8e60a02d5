import { encode, headersOf, topicOf, type Message, type TopicSuffix } from '../../messages/index.js';
import type { Broker } from '../kafka/broker.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';

/** What became of a heartbeat that a node tried to send. `refused`: the log was away, which is not the node's fault. */
export type Beat = { readonly at: number; readonly outcome: 'sent' | 'refused' | 'lost' };

type Parts = {
  readonly time: VirtualTime;
  readonly wire: Wire;
  readonly broker: Broker;
  readonly random: Random;
  readonly lost: number;
  readonly doubled: number;
};

const RETRY_MS = 1000;
const MAX_HOP_MS = 60;

/** The network between nodes and log: loses, doubles and delays. */
export class NodeLink {
  /** By node id. */
  readonly beats = new Map<string, Beat[]>();
  readonly cut = new Set<string>();

  constructor(private readonly parts: Parts) {}

  hop(): number {
    return 0.5 + this.parts.random.next() ** 3 * MAX_HOP_MS;
  }

  /** Whether a message gets through at all. */
  passes(nodeId: string): boolean {
    const { wire, random, lost } = this.parts;
    if (this.cut.has(nodeId)) return false;
    if (wire.calm || !random.chance(lost)) return true;
    wire.count('nodes: message lost');
    return false;
  }

  /** Tried again, while `wanted`, as long as the log is away. */
  send(nodeId: string, message: Message, wanted: () => boolean): void {
    const { time, wire, random, doubled } = this.parts;
    time.plan(this.hop(), time.world, () => {
      if (!this.passes(nodeId)) return;
      if (wire.isAway('kafka')) {
        time.plan(RETRY_MS, time.world, () => {
          if (wanted()) this.send(nodeId, message, wanted);
        });
        return;
      }
      this.append(message);
      if (wire.calm || !random.chance(doubled)) return;
      wire.count('nodes: message doubled');
      time.plan(this.hop() * random.int(1, 50), time.world, () => {
        if (!wire.isAway('kafka')) this.append(message);
      });
    });
  }

  /** Never tried again: the next one is as good. */
  beat(nodeId: string, message: Message): void {
    const { time, wire } = this.parts;
    const note = (outcome: Beat['outcome']): void => {
      const beats = this.beats.get(nodeId) ?? [];
      this.beats.set(nodeId, beats);
      beats.push({ at: time.now, outcome });
    };
    time.plan(this.hop(), time.world, () => {
      if (!this.passes(nodeId)) return note('lost');
      if (wire.isAway('kafka')) return note('refused');
      note('sent');
      this.append(message);
    });
  }

  private append(message: Message): void {
    const topic: TopicSuffix = topicOf(message.eventType as Exclude<Message['eventType'], 'DEADLINE_PASSED'>);
    this.parts.broker.append({
      topic,
      key: Buffer.from(message.payload.nodeId ?? ''),
      value: Buffer.from(encode(message)),
      headers: headersOf(message),
    });
  }
}
