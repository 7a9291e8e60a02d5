import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { amended } from '../../src/api/events/amended.js';
import { decodeCursor, encodeCursor, fingerprintOf } from '../../src/api/events/cursor.js';
import { EVENT_TYPES, eventFilter, passes } from '../../src/api/events/filter.js';
import { eventsQuery } from '../../src/api/events/queries.js';
import { EVENT_TOPICS, Place, type Bounds } from '../../src/runtime/index.js';

const LOG = 'kafka abc dev.onex';
const fingerprint = fingerprintOf(LOG);
const [first, second] = EVENT_TOPICS;
const offsets = fc.array(fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { maxLength: 12 }), {
  maxLength: EVENT_TOPICS.length,
});
const placeOf = (all: readonly (readonly number[])[]) =>
  Place.of(all.map((partitions, rank) => [EVENT_TOPICS[rank] ?? first, partitions] as const));
const told = (place: Place) => EVENT_TOPICS.map((topic) => place.of(topic));

describe('a cursor', () => {
  it('brings back the place that went in', () => {
    fc.assert(
      fc.property(offsets, (all) => {
        const place = placeOf(all);
        const decoded = decodeCursor(encodeCursor({ fingerprint, place }));
        expect(decoded?.fingerprint).toBe(fingerprint);
        expect(decoded && told(decoded.place)).toEqual(told(place));
      }),
    );
  });

  it('is short enough for a header', () => {
    const place = placeOf(EVENT_TOPICS.map(() => [123_456, 123_456, 123_456, 123_456, 123_456, 123_456]));
    expect(encodeCursor({ fingerprint, place }).length).toBeLessThan(400);
  });

  it('with one character changed, left out or added is none', () => {
    const text = encodeCursor({ fingerprint, place: placeOf([[1, 2, 3], [], [40_000]]) });
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A';
      expect([at, decodeCursor(text.slice(0, at) + other + text.slice(at + 1))]).toEqual([at, null]);
      expect([at, decodeCursor(text.slice(0, at) + text.slice(at + 1))]).toEqual([at, null]);
    }
    expect(decodeCursor(`${text}A`)).toBeNull();
  });

  it.each(['', 'x', '0.0', 'AQ', '{}', 'A'.repeat(20_000), 'é', 'bjph'])('is not made of %j', (text) => {
    expect(decodeCursor(text)).toBeNull();
  });
});

describe('where a reader goes on', () => {
  const every = (value: number, partitions = 2) =>
    placeOf(EVENT_TOPICS.map(() => new Array<number>(partitions).fill(value)));
  const bounds: Bounds = { log: LOG, first: every(10), next: every(20) };
  const all = eventFilter({});

  it('is where he was, when all of that is there', () => {
    const { place, loss } = amended({ fingerprint, place: every(15) }, bounds, all);
    expect([told(place), loss]).toEqual([told(every(15)), null]);
  });

  it('is where the log begins, when what he has not heard is gone; and he is told', () => {
    const place = every(15);
    place.set(second, 1, 9);
    const result = amended({ fingerprint, place }, bounds, all);
    expect([result.place.next(second, 1), result.place.next(second, 0), result.loss]).toEqual([10, 15, 'expired']);
  });

  it('is told to nobody who would not have heard it anyway', () => {
    const place = every(15);
    place.set(first, 1, 9);
    const filter = eventFilter({ eventTypes: ['NODE_BECAME_ACTIVE'] });
    expect(amended({ fingerprint, place }, bounds, filter).loss).toBeNull();
  });

  it('is the beginning of partitions that came later, of which nothing is lost', () => {
    const { place, loss } = amended({ fingerprint, place: every(15, 1) }, bounds, all);
    expect([place.next(first, 1), loss]).toEqual([10, null]);
  });

  it.each([
    ['of another log', { fingerprint: fingerprint + 1, place: every(15) }],
    ['beyond its end', { fingerprint, place: every(21) }],
    ['beyond all numbers', { fingerprint, place: every(Infinity) }],
  ])('is the beginning for a cursor %s', (_, cursor) => {
    const { place, loss } = amended(cursor, bounds, all);
    expect([told(place), loss]).toEqual([told(every(10)), 'other_log']);
  });

  it('leaves out partitions that the log does not have', () => {
    const { place } = amended({ fingerprint, place: every(15, 100) }, bounds, all);
    expect(place.of(first)).toHaveLength(2);
  });
});

describe('a filter', () => {
  it('lets pass what fits in all that it names, and reads no other topics', () => {
    const filter = eventFilter({ nodeId: 'a', eventTypes: ['NODE_BECAME_ACTIVE', 'REGISTRY_EXPIRY_HELD'] });
    expect(filter.topics).toEqual(['evt.node-became-active.v1', 'evt.registry-expiry.v1']);
    expect(passes(filter, { nodeId: 'a', type: 'NODE_BECAME_ACTIVE' })).toBe(true);
    expect(passes(filter, { nodeId: 'b', type: 'NODE_BECAME_ACTIVE' })).toBe(false);
    expect(passes(filter, { nodeId: 'a', type: 'NODE_DEREGISTERED' })).toBe(false);
    expect(passes(eventFilter({}), { nodeId: 'b', type: 'NODE_DEREGISTERED' })).toBe(true);
  });

  it('of a query takes types in several parameters or one', () => {
    const parse = (eventType: unknown) => eventsQuery.safeParse({ eventType }).data?.eventType;
    expect(parse('NODE_DEREGISTERED,NODE_BECAME_ACTIVE')).toEqual(['NODE_DEREGISTERED', 'NODE_BECAME_ACTIVE']);
    expect(parse(['NODE_DEREGISTERED', 'NODE_BECAME_ACTIVE'])).toEqual(['NODE_DEREGISTERED', 'NODE_BECAME_ACTIVE']);
    for (const wrong of ['', 'NODE_DIED', 'NODE_DEREGISTERED,', ['a'], 'CONSUL_INTENT', 'NODE_HEARTBEAT']) {
      expect([wrong, parse(wrong)]).toEqual([wrong, undefined]);
    }
    expect(parse([...EVENT_TYPES])).toEqual(EVENT_TYPES);
  });
});
