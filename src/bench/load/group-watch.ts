import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Place, Servers } from '../scenario.js';
import { committedBy, kafkaOf, topicEnds, total } from './kafka.js';
import type { Sample } from './progress.js';

export type Lag = {
  /** Records in the topic, over all its life. */
  readonly appended: number;
  /** Those that the group has committed. */
  readonly done: number;
};

/** How far a consumer group of the registry is with a topic, as the broker knows it. */
export class GroupWatch {
  private constructor(
    private readonly admin: Admin,
    private readonly groupId: string,
    private readonly topic: string,
  ) {}

  /** `group`: `heartbeats`; `topic` with its prefix. */
  static async open({ brokers }: Servers, { groupPrefix }: Place, group: string, topic: string): Promise<GroupWatch> {
    const admin = kafkaOf(brokers).admin();
    await admin.connect();
    return new GroupWatch(admin, `${groupPrefix}.${group}`, topic);
  }

  async lag(): Promise<Lag> {
    // The end is asked for first: what is appended meanwhile does not count as late.
    const appended = total(await topicEnds(this.admin, this.topic));
    return { appended, done: total(await committedBy(this.admin, this.groupId, this.topic)) };
  }

  /** Samples every so many ms until `isOver` says so, of all that was appended and done by then. */
  async samples(
    everyMs: number,
    isOver: (lag: Lag) => boolean,
    signal: AbortSignal,
  ): Promise<{ readonly appended: readonly Sample[]; readonly done: readonly Sample[] }> {
    const appended: Sample[] = [];
    const done: Sample[] = [];
    for (;;) {
      const at = performance.now();
      const lag = await this.lag();
      appended.push({ at, count: lag.appended });
      done.push({ at: performance.now(), count: lag.done });
      if (isOver(lag)) return { appended, done };
      await sleep(everyMs, undefined, { signal });
    }
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }
}
