import type { Admin } from 'kafkajs';

/** Where to read on, per partition: our own bookkeeping, so that no offset has to be committed for a reader of some minutes. */
export class Positions {
  readonly #next = new Map<string, number>();

  /** Offset of the next message to hear. A partition that came into being after the start is heard from its beginning. */
  next(topic: string, partition: number): number {
    return this.#next.get(`${topic}/${partition}`) ?? 0;
  }

  set(topic: string, partition: number, next: number): void {
    this.#next.set(`${topic}/${partition}`, next);
  }

  /** A log that ends before the place where we were is a new one under the old name: it is heard from its beginning. */
  cutTo(ends: Positions): void {
    for (const [place, end] of ends.#next) if ((this.#next.get(place) ?? 0) > end) this.#next.set(place, 0);
  }

  /** True when all that stood in the log at `ends` has been heard. */
  reached(ends: Positions): boolean {
    for (const [place, end] of ends.#next) if ((this.#next.get(place) ?? 0) < end) return false;
    return true;
  }
}

/** The present ends of the topics. Right after a topic was made this may fail for a moment ("not the leader"): ask again. */
export async function endsOf(admin: Admin, topics: readonly string[]): Promise<Positions> {
  const positions = new Positions();
  for (const topic of topics) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic))
      positions.set(topic, partition, Number(high));
  }
  return positions;
}
