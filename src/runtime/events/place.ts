import type { TopicSuffix } from '../../messages/index.js';

/**
 * A place in the log: for each partition of each topic the offset of the record that is to be read next. Where nothing is known of a
 * partition it is 0: it came into being later, and all of it is new.
 */
export class Place {
  private readonly offsets = new Map<TopicSuffix, number[]>();

  static of(offsets: Iterable<readonly [TopicSuffix, readonly number[]]>): Place {
    const place = new Place();
    for (const [topic, partitions] of offsets) place.offsets.set(topic, [...partitions]);
    return place;
  }

  copy(): Place {
    return Place.of(this.offsets);
  }

  next(topic: TopicSuffix, partition: number): number {
    return this.offsets.get(topic)?.[partition] ?? 0;
  }

  set(topic: TopicSuffix, partition: number, next: number): void {
    const partitions = this.offsets.get(topic);
    if (partitions === undefined) this.offsets.set(topic, [...zeros(partition), next]);
    else {
      if (partitions.length < partition) partitions.push(...zeros(partition - partitions.length));
      partitions[partition] = next;
    }
  }

  /** Offsets of a topic's partitions; none where nothing is known of it. */
  of(topic: TopicSuffix): readonly number[] {
    return this.offsets.get(topic) ?? [];
  }

  /** Whether nothing before those places is left to read in these topics. */
  hasReached(those: Place, topics: readonly TopicSuffix[]): boolean {
    return topics.every((topic) => those.of(topic).every((next, partition) => this.next(topic, partition) >= next));
  }
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}
