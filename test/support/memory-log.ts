import { randomUUID } from 'node:crypto';
import { topicOf, type MessageType, type TopicSuffix } from '../../src/messages/index.js';
import {
  EVENT_TOPICS,
  Place,
  PlaceLost,
  type Bounds,
  type EventEar,
  type EventReader,
  type EventSource,
  type LogRecord,
} from '../../src/runtime/index.js';

type EventType = Exclude<MessageType, 'DEADLINE_PASSED'>;

const PARTITIONS = 3;

/** A log of events in memory, with partitions as Kafka has them, that tests can cut off, take away, and read themselves. */
export class MemoryLog implements EventSource {
  name = 'memory';
  /** Nothing answers while it is away. */
  isAway = false;
  /** Called, once, when a reader has come to the end of what it asked for, before it hears of it. */
  atTheEnd: (() => void) | undefined;
  /** Reads of the past. */
  reads = 0;
  readonly records: LogRecord[] = [];
  private readonly first = emptyPlace();
  private readonly ends = emptyPlace();
  private readonly ears = new Set<EventEar>();
  private now = 1_764_000_000_000;

  get followed(): number {
    return this.ears.size;
  }

  /** Appends an event of a node and tells who follows; returns its id. */
  say(nodeId: string, type: EventType, payload: object = {}): string {
    const eventId = randomUUID();
    const record = this.append(nodeId, type, eventId, payload);
    for (const ear of this.ears) ear.heard([record]);
    return eventId;
  }

  /** Appends many, and tells of them at once. */
  sayAll(said: readonly (readonly [nodeId: string, type: EventType])[]): readonly string[] {
    const records = said.map(([nodeId, type]) => this.append(nodeId, type, randomUUID(), {}));
    for (const ear of this.ears) ear.heard(records);
    return records.map((record) => idOf(record));
  }

  /** Something that somebody else wrote. */
  append(nodeId: string, type: EventType, eventId: string, payload: object, value?: Buffer | null): LogRecord {
    const topic = topicOf(type);
    const partition = [...nodeId].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % PARTITIONS;
    const offset = this.ends.next(topic, partition);
    const text = JSON.stringify({
      envelope_version: '1.0',
      event_id: eventId,
      event_type: type,
      event_timestamp: new Date(this.now).toISOString(),
      source_node_id: 'rollcall',
      correlation_id: eventId,
      causation_id: null,
      payload: { node_id: nodeId, ...payload },
    });
    const record = {
      topic,
      topicName: `test.${topic}`,
      partition,
      offset: String(offset),
      key: Buffer.from(nodeId),
      value: value === undefined ? Buffer.from(text) : value,
      headers: { event_type: type },
      appendedAt: (this.now += 1),
    };
    this.records.push(record);
    this.ends.set(topic, partition, offset + 1);
    return record;
  }

  /** Tells who follows of a record that was appended before. */
  tellAgain(record: LogRecord): void {
    for (const ear of this.ears) ear.heard([record]);
  }

  /** Forgets all that there is but the newest records, as retention does. */
  forgetAllBut(newest: number): void {
    for (const { topic, partition, offset } of this.records.splice(0, this.records.length - newest)) {
      this.first.set(topic, partition, Number(offset) + 1);
    }
  }

  /** Loses the place of those who follow. */
  cutOff(): void {
    for (const ear of this.ears) ear.lost(this.ends.copy());
  }

  bounds(): Promise<Bounds> {
    if (this.isAway) return Promise.reject(new Error('the log is away'));
    return Promise.resolve({ log: this.name, first: this.first.copy(), next: this.ends.copy() });
  }

  /** A few records at a time, so that reading takes its turns. */
  read(from: Place, topics: readonly TopicSuffix[]): EventReader {
    const at = from.copy();
    return {
      next: async (to) => {
        await new Promise(setImmediate);
        this.reads += 1;
        if (this.isAway) throw new Error('the log is away');
        if (!at.hasReached(this.first, topics)) throw new PlaceLost('gone');
        const left = this.records.filter(
          ({ topic, partition, offset }) =>
            topics.includes(topic) &&
            Number(offset) >= at.next(topic, partition) &&
            Number(offset) < to.next(topic, partition),
        );
        if (left.length === 0) {
          const called = this.atTheEnd;
          this.atTheEnd = undefined;
          called?.();
        }
        const some = left.slice(0, 7);
        for (const record of some) this.pass(at, record);
        return some;
      },
    };
  }

  follow(_from: Place, ear: EventEar): () => void {
    this.ears.add(ear);
    return () => void this.ears.delete(ear);
  }

  pass(place: Place, { topic, partition, offset }: LogRecord): void {
    place.set(topic, partition, Number(offset) + 1);
  }
}

export function idOf({ value }: LogRecord): string {
  return (JSON.parse(value?.toString() ?? '{}') as { event_id: string }).event_id;
}

function emptyPlace(): Place {
  return Place.of(EVENT_TOPICS.map((topic) => [topic, new Array<number>(PARTITIONS).fill(0)] as const));
}
