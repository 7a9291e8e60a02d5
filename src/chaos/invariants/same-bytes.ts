import type { Invariant } from './invariant.js';
import { grouped, placeOf } from './select.js';

/** Redelivery and crashes make copies; a copy that says something else is a second truth. */
export const sameBytes: Invariant = {
  name: 'same-bytes',
  means: 'messages with the same event id are the same to the byte',
  judge: ({ records }) => {
    const messages = records.filter(({ message, isRubbish }) => message !== null && !isRubbish);
    const groups = grouped(messages, ({ topic, message }) => `${topic} ${message?.eventId}`);
    const violations = [...groups.values()]
      .filter((copies) => new Set(copies.map(({ digest }) => digest)).size > 1)
      .map((copies) => {
        const each = copies.map((copy) => `${copy.message?.eventType} ${placeOf(copy)}`);
        return `${copies[0]?.message?.eventId} of ${copies[0]?.key} differs: ${[...new Set(each)].join(', ')}`;
      });
    return { looked: groups.size, at: `messages, with ${messages.length - groups.size} copies`, violations };
  },
};
