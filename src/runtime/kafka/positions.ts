import type { Admin } from 'kafkajs';

/** Offset of the next record to read, by partition. Kept by the reader itself, which commits nothing. */
export class Positions {
  private readonly offsets = new Map<string, bigint>();

  /** A partition that was not there before is read from its beginning. */
  next(topic: string, partition: number): bigint {
    return this.offsets.get(`${topic}/${partition}`) ?? 0n;
  }

  set(topic: string, partition: number, next: bigint): void {
    this.offsets.set(`${topic}/${partition}`, next);
  }

  /** Goes to those of other positions, wherever they are. */
  moveTo(those: Positions): void {
    for (const [place, next] of those.offsets) this.offsets.set(place, next);
  }

  *places(): Iterable<{ readonly topic: string; readonly partition: number; readonly next: bigint }> {
    for (const [place, next] of this.offsets) {
      const at = place.lastIndexOf('/');
      yield { topic: place.slice(0, at), partition: Number(place.slice(at + 1)), next };
    }
  }

  /** A partition in which these positions have not come as far as those; undefined when there is none. */
  behind(those: Positions): string | undefined {
    for (const [place, end] of those.offsets) if ((this.offsets.get(place) ?? 0n) < end) return place;
    return undefined;
  }
}

/** The present ends of the topics. Rejects while one of them is missing or a partition has no leader: ask again later. */
export async function endsOf(admin: Admin, topics: readonly string[]): Promise<Positions> {
  const ends = new Positions();
  await Promise.all(
    topics.map(async (topic) => {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) ends.set(topic, partition, BigInt(high));
    }),
  );
  return ends;
}
