import type { Message, MessageType } from '../../messages/index.js';
import type { LogRecord } from '../evidence.js';

export type RecordOf<T extends MessageType> = LogRecord & { readonly message: Message<T> };

/** The records of one type of message, in the order of their topic and partition. Copies are in it. */
export function recordsOf<T extends MessageType>(records: readonly LogRecord[], type: T): readonly RecordOf<T>[] {
  return records.filter((record): record is RecordOf<T> => record.message?.eventType === type);
}

/** The first record of each message: copies have the same event id. */
export function distinct<R extends LogRecord>(records: readonly R[]): readonly R[] {
  return [...new Map([...records].reverse().map((record) => [record.message?.eventId, record])).values()].reverse();
}

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

export function placeOf({ topic, partition, offset }: Pick<LogRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}/${partition}@${offset}`;
}
