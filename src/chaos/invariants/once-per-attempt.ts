import type { MessageType } from '../../messages/index.js';
import type { Invariant } from './invariant.js';
import { distinct, grouped, placeOf } from './select.js';

/** Each ends, or passes, a stage of an attempt that is passed once. */
const ONCE: readonly MessageType[] = [
  'NODE_REGISTRATION_ACCEPTED',
  'NODE_REGISTRATION_ACK_RECEIVED',
  'NODE_BECAME_ACTIVE',
  'NODE_REGISTRATION_ACK_TIMED_OUT',
];

export const oncePerAttempt: Invariant = {
  name: 'once-per-attempt',
  means: 'of each attempt at most one ACCEPTED, ACK_RECEIVED, BECAME_ACTIVE and ACK_TIMED_OUT, under one event id',
  judge: ({ records }) => {
    const said = distinct(records.filter(({ message }) => message !== null && ONCE.includes(message.eventType)));
    const groups = grouped(said, ({ message }) => `${message?.eventType} ${attemptOf(message?.payload)}`);
    const violations = [...groups]
      .filter(([, same]) => same.length > 1)
      .map(([what, same]) => `${what} of ${same[0]?.key} ${same.length} times: ${same.map(placeOf).join(', ')}`);
    return { looked: said.length, at: 'such events', violations };
  },
};

function attemptOf(payload: object | undefined): string {
  return payload !== undefined && 'attemptId' in payload ? String(payload.attemptId) : '';
}
