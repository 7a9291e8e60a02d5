import type { Bench, Child, Place } from '../scenario.js';

export type HeartbeatSettings = {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly intervalMs: number;
};

/** Since it was asked before. */
export type HeartbeatCount = {
  /** Heartbeats that the brokers have confirmed. */
  readonly sent: number;
  /** Longest time that one took from its moment to the broker's confirmation, in ms: how late the driver itself was. */
  readonly slowestMs: number;
};

/** The heartbeats of a fleet, from a process of their own: what else the bench does is not held up by them, nor they by it. */
export class HeartbeatLoad {
  private constructor(private readonly child: Child) {}

  /** Nobody beats yet. */
  static async start(bench: Bench, { topicPrefix }: Place, intervalMs: number): Promise<HeartbeatLoad> {
    const settings: HeartbeatSettings = { brokers: bench.servers.brokers, topicPrefix, intervalMs };
    return new HeartbeatLoad(await bench.startChild('load/heartbeats-main.js', settings));
  }

  /** Nodes that beat from now on; all of them have done so an interval later. */
  async add(nodeIds: readonly string[]): Promise<void> {
    await this.child.ask('add', nodeIds);
  }

  /** When this resolves, no further beat of these nodes is sent. */
  async silence(nodeIds: readonly string[]): Promise<void> {
    await this.child.ask('silence', nodeIds);
  }

  /** What was sent since it was asked before. Rejects when something could not be. */
  async count(): Promise<HeartbeatCount> {
    return (await this.child.ask('count')) as HeartbeatCount;
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }
}
