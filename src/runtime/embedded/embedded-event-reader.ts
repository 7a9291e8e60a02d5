import type { TopicSuffix } from '../../messages/index.js';
import { PlaceLost, type Bounds, type EventReader } from '../events/event-source.js';
import type { Place } from '../events/place.js';
import type { LogRecord } from '../lanes/lane.js';

/** While it reads what is old, retention may overtake it. */
const LOOK_AT_BOUNDS_EVERY_MS = 10_000;

type Parts = {
  /** Some of the records that are behind a place. */
  readonly read: (place: Place) => Promise<readonly LogRecord[]>;
  readonly bounds: () => Promise<Bounds>;
  readonly from: Place;
  readonly topics: readonly TopicSuffix[];
};

/** Reads the records of some topics between two places. Positions count through all topics: what was read moves the place in each. */
export class EmbeddedEventReader implements EventReader {
  private readonly seen: Place;
  private lookedAt = performance.now();

  constructor(private readonly parts: Parts) {
    this.seen = parts.from.copy();
  }

  async next(to: Place): Promise<readonly LogRecord[]> {
    const { seen } = this;
    const { topics, read } = this.parts;
    while (!seen.hasReached(to, topics)) {
      await this.checkBounds();
      const records = await read(seen);
      const end = records.findIndex(({ topic, offset }) => Number(offset) >= to.next(topic, 0));
      const before = end === -1 ? records : records.slice(0, end);
      const fresh = before.filter(({ topic, offset }) => Number(offset) >= seen.next(topic, 0));
      for (const { offset } of before) this.passTo(() => Number(offset) + 1);
      if (end !== -1 || records.length === 0) this.passTo((topic) => to.next(topic, 0));
      if (fresh.length > 0) return fresh;
    }
    return [];
  }

  private passTo(nextOf: (topic: TopicSuffix) => number): void {
    for (const topic of this.parts.topics) this.seen.set(topic, 0, Math.max(nextOf(topic), this.seen.next(topic, 0)));
  }

  private async checkBounds(): Promise<void> {
    if (performance.now() - this.lookedAt < LOOK_AT_BOUNDS_EVERY_MS) return;
    this.lookedAt = performance.now();
    const { first } = await this.parts.bounds();
    if (!this.seen.hasReached(first, this.parts.topics)) throw new PlaceLost('retention has overtaken the reader');
  }
}
