import type { Admin } from 'kafkajs';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { GroupConsumer } from './group-consumer.js';
import { progressOf } from './progress.js';

const INTERVAL_MS = 5000;
/** A partition that is behind and does not move for this many rounds, while its group is not waiting, is not being read. */
const STALLED_ROUNDS = 6;

type Seen = { readonly committed: string; readonly rounds: number };

/** Measures how far each group is behind, and replaces a consumer that has lost sight of a partition. */
export class LagMonitor {
  private readonly seen = new Map<string, Seen>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly admin: Admin,
    private readonly consumers: readonly GroupConsumer[],
    private readonly metrics: RuntimeMetrics,
    private readonly log: Log,
  ) {}

  start(): void {
    this.timer = setTimeout(() => void this.round(), INTERVAL_MS);
    this.timer.unref();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async round(): Promise<void> {
    try {
      for (const consumer of this.consumers) await this.look(consumer);
    } catch (error) {
      this.log.debug({ error: errorText(error) }, 'lag not measured');
    }
    if (!this.closed) this.start();
  }

  private async look(consumer: GroupConsumer): Promise<void> {
    const { groupId, topics } = consumer;
    let stalled: string | undefined;
    for (const { topic, partition, end, committed } of await progressOf(this.admin, groupId, topics)) {
      const lag = Number(end - committed);
      this.metrics.partitionLag(groupId, topic, partition, Math.max(0, lag));
      if (this.isStalled(`${groupId} ${topic} ${partition}`, committed, lag)) stalled = `${topic}/${partition}`;
    }
    if (stalled !== undefined && consumer.isJoined && !consumer.isPaused) {
      await consumer.restart(`${stalled} is not being read`);
    }
  }

  private isStalled(key: string, position: bigint, lag: number): boolean {
    const committed = String(position);
    const before = this.seen.get(key);
    const rounds = lag > 0 && before?.committed === committed ? before.rounds + 1 : 0;
    this.seen.set(key, { committed, rounds: rounds >= STALLED_ROUNDS ? 0 : rounds });
    return rounds >= STALLED_ROUNDS;
  }
}
