import { randomUUID } from 'node:crypto';
import { acknowledges, expectCourse, registers } from '../course.js';
import type { Ear } from '../ear.js';
import { expectHeld, type Held } from '../held.js';
import { KafkaNode } from '../kafka-node.js';
import type { Rollcall } from '../rollcall.js';
import type { Scenario } from '../together.js';
import { until } from '../../support/stack.js';
import type { Seen, World } from '../world.js';

/** Longer than a busy machine stands still: most nodes are to be heard in time. */
export const WINDOW_MS = 12_000;
export const ACK_TIMEOUT_MS = 20_000;
export const INTERVAL_MS = 1000;

/** Where the scenarios of a lifecycle play: one registry, and nodes that do not know of each other. */
export class Stage {
  /** A capability longer than an entry of its index may be, and too odd to be compressed. */
  readonly refusedByPostgres = Array.from({ length: 200 }, () => randomUUID()).join('');
  private readonly nodes: KafkaNode[] = [];

  constructor(
    readonly world: World,
    readonly ear: Ear,
    readonly rollcall: Rollcall,
  ) {}

  node(nodeId: string): KafkaNode {
    const node = new KafkaNode(this.world, this.ear, nodeId, INTERVAL_MS);
    this.nodes.push(node);
    return node;
  }

  /** A node that has registered and acknowledged, with the steps that brought it there. */
  async activeNode(nodeId: string): Promise<{ node: KafkaNode; attemptId: string; soFar: readonly string[] }> {
    const node = this.node(nodeId);
    await node.introspect();
    const attemptId = await node.activate();
    return { node, attemptId, soFar: [...registers('none', 1), acknowledges(1)] };
  }

  /** The whole course of a node and where it ended. */
  async ends(node: KafkaNode, course: readonly string[], held: Held): Promise<void> {
    await expectCourse(this.world, this.ear, node, course);
    await expectHeld(this.world, node.nodeId, held);
  }

  /** A group of the registry has committed what it made of a record. */
  async isDone(group: string, record: Seen): Promise<void> {
    const what = `${group} to be done with ${record.envelope.event_type} of ${record.key}`;
    await until(() => this.world.isDone(group, record), { everyMs: 100, what });
  }

  async hush(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.hush()));
  }
}

export type Scenarios = Readonly<Record<string, Scenario<Stage>>>;
