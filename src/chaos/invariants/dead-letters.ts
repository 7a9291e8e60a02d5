import { isActedOn } from '../faults/rubbish.js';
import type { Invariant } from './invariant.js';
import { grouped, placeOf, recordsOf } from './select.js';

/** Rubbish is kept for operators, once, and nothing else is taken for rubbish. */
export const deadLetters: Invariant = {
  name: 'dead-letters',
  means: 'each record of rubbish has one dead letter in the topic and one row in the table, and nothing else has any',
  judge: ({ records, deadLetterRows }) => {
    const rubbish = records.filter(({ isRubbish, topic }) => isRubbish && isActedOn(topic));
    const letters = grouped(recordsOf(records, 'DEAD_LETTER'), ({ message: { payload } }) =>
      place(payload.originalTopic, payload.originalPartition, payload.originalOffset),
    );
    const rows = grouped(deadLetterRows, ({ originalTopic, originalPartition, originalOffset }) =>
      place(originalTopic, originalPartition, originalOffset),
    );
    const violations: string[] = [];
    for (const record of rubbish) {
      const ids = new Set(of(letters, record).map(({ message }) => message.eventId));
      if (ids.size !== 1) violations.push(`${placeOf(record)}: ${ids.size} dead letters in the topic, expected 1`);
      const stored = of(rows, record).length;
      if (stored !== 1) violations.push(`${placeOf(record)}: ${stored} dead letters in the table, expected 1`);
    }
    const known = new Set(rubbish.map(placeOf));
    for (const of of [...letters.keys(), ...rows.keys()]) {
      if (!known.has(of)) violations.push(`${of} is a dead letter, and is no rubbish of ours`);
    }
    return { looked: rubbish.length, at: 'records of rubbish', violations };
  },
};

/** As {@link placeOf} says it: without the prefix of the topic, which has no dots here. */
function place(topic: string, partition: number, offset: string | number): string {
  return `${topic.split('.').slice(1).join('.')}/${partition}@${offset}`;
}

function of<T>(groups: ReadonlyMap<string, readonly T[]>, record: Parameters<typeof placeOf>[0]): readonly T[] {
  return groups.get(placeOf(record)) ?? [];
}
