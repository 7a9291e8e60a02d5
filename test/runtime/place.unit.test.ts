import { describe, expect, it } from '@jest/globals';
import { ACTIVITY_TOPICS } from '../../src/messages/index.js';
import { EVENT_TOPICS, rankOf } from '../../src/runtime/events/event-topics.js';
import { inAppendOrder, timed } from '../../src/runtime/events/in-append-order.js';
import { Place } from '../../src/runtime/events/place.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';

const [A, B] = ['evt.node-registration-accepted.v1', 'evt.node-became-active.v1'] as const;

it('the topics of events are those that tell the outside what happens', () => {
  expect([...EVENT_TOPICS].sort()).toEqual([...ACTIVITY_TOPICS].sort());
});

describe('a place', () => {
  it('knows nothing of what it was not told', () => {
    const place = Place.of([[A, [3, 0, 5]]]);
    expect([place.next(A, 0), place.next(A, 7), place.next(B, 0), place.of(B)]).toEqual([3, 0, 0, []]);
  });

  it('takes partitions that come into being, in any order', () => {
    const place = new Place();
    place.set(A, 2, 4);
    place.set(A, 0, 1);
    place.set(A, 5, 9);
    expect(place.of(A)).toEqual([1, 0, 4, 0, 0, 9]);
  });

  it('is not moved by its copies', () => {
    const place = Place.of([[A, [1]]]);
    place.copy().set(A, 0, 2);
    expect(place.next(A, 0)).toBe(1);
  });

  it('has reached another when nothing before that is left, in the topics that count', () => {
    const place = Place.of([
      [A, [5, 5]],
      [B, [1]],
    ]);
    const there = (a: number[], b: number[]) =>
      Place.of([
        [A, a],
        [B, b],
      ] as const);
    expect(place.hasReached(there([5, 4], [1]), [A, B])).toBe(true);
    expect(place.hasReached(there([5, 6], [1]), [A, B])).toBe(false);
    expect(place.hasReached(there([5, 5, 1], [1]), [A, B])).toBe(false);
    expect(place.hasReached(there([5, 5], [2]), [A])).toBe(true);
  });
});

describe('records of several partitions', () => {
  const record = (topic: LogRecord['topic'], partition: number, offset: number, appendedAt: number): LogRecord => ({
    topic,
    topicName: topic,
    partition,
    offset: String(offset),
    key: null,
    value: null,
    headers: {},
    appendedAt,
  });
  const places = (records: readonly LogRecord[]) => records.map(({ topic, partition, offset }) => [rankOf(topic), partition, offset]); // prettier-ignore

  it('are told by their times, those of one moment in the order in which a step speaks', () => {
    const all = [...timed([record(B, 0, 0, 10), record(B, 0, 1, 30)]), ...timed([record(A, 0, 0, 10), record(A, 0, 1, 20)])]; // prettier-ignore
    expect(places(inAppendOrder(all))).toEqual([[rankOf(A), 0, '0'], [rankOf(B), 0, '0'], [rankOf(A), 0, '1'], [rankOf(B), 0, '1']]); // prettier-ignore
  });

  it('keep the order of their partition where a clock was set back', () => {
    const all = [...timed([record(A, 0, 9, 100), record(A, 0, 10, 50)]), ...timed([record(A, 1, 0, 70)])];
    expect(places(inAppendOrder(all)).map(([, partition, offset]) => [partition, offset])).toEqual([
      [1, '0'],
      [0, '9'],
      [0, '10'],
    ]);
  });
});
