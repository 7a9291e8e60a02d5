import type { Database } from '../../runtime/index.js';
import { feedEnds, type FeedEnd } from './node-feed.js';

/** Most nodes of one statement. */
const MAX_IDS = 500;

type Waiting = {
  readonly nodeId: string;
  readonly resolve: (end: FeedEnd) => void;
  readonly reject: (error: unknown) => void;
};

/** Says where the feeds of nodes end. Who asks while a statement is under way shares the next one. */
export class NodeFeedEnds {
  private waiting: Waiting[] = [];
  private running = false;

  constructor(private readonly database: Database) {}

  /** Every answer was read after it was asked for. Throws StateUnavailable. */
  of(nodeId: string): Promise<FeedEnd> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ nodeId, resolve, reject });
      if (this.running) return;
      this.running = true;
      setImmediate(() => void this.run());
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_IDS);
      try {
        const ends = await feedEnds(this.database, [...new Set(batch.map(({ nodeId }) => nodeId))]);
        for (const { nodeId, resolve } of batch) resolve(ends.get(nodeId) ?? { version: 0, outputs: 0 });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = false;
  }
}
