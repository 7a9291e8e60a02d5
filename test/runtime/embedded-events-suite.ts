import { describe, expect, it } from '@jest/globals';
import { topicOf } from '../../src/messages/index.js';
import type { EmbeddedTransport } from '../../src/runtime/embedded/embedded-transport.js';
import { deleteExpired } from '../../src/runtime/embedded/retention.js';
import { EVENT_TOPICS } from '../../src/runtime/events/event-topics.js';
import type { Place } from '../../src/runtime/events/place.js';
import type { Database } from '../../src/runtime/journal/database.js';
import type { LogRecord, OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { until } from '../support/stack.js';

const DAY_MS = 24 * 3600 * 1000;
const HEARTBEAT = 'evt.node-heartbeat.v1';

const said = (value: string, topic = EVENT_TOPICS[Number(value) % EVENT_TOPICS.length] ?? EVENT_TOPICS[0]): OutgoingRecord => ({ topic, key: 'node', value, headers: {} }); // prettier-ignore
const valuesOf = (records: readonly LogRecord[]) => records.map(({ value }) => String(value));
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

/** What the embedded log promises to those who follow events. `start` gives a transport that is ready. */
export function describeEmbeddedEvents(start: () => Promise<EmbeddedTransport>, database: () => Database): void {
  async function readAll(
    { events }: EmbeddedTransport,
    from: Place,
    to: Place,
    topics = EVENT_TOPICS,
  ): Promise<LogRecord[]> {
    const reader = events.read(from, topics);
    const all: LogRecord[] = [];
    for (;;) {
      const records = await reader.next(to);
      if (records.length === 0) return all;
      all.push(...records);
    }
  }

  describe('events', () => {
    it('are heard from a place on, whoever appends them, and none of other topics', async () => {
      const [transport, other] = [await start(), await start()];
      const { next } = await transport.events.bounds();
      const heard: string[] = [];
      const callOff = transport.events.follow(next, {
        heard: (records) => heard.push(...valuesOf(records)),
        lost: () => heard.push('lost'),
      });
      for (const value of numbers(0, 10)) {
        await (Number(value) % 2 === 0 ? transport : other).publish([
          said(value),
          { ...said(value), topic: HEARTBEAT },
        ]);
      }
      await until(() => heard.length >= 10, { what: 'the events' });
      callOff();
      await transport.publish([said('10')]);
      expect(heard).toEqual(numbers(0, 10));
    });

    it('are read between any two places, with any filter, in the order of the log', async () => {
      const transport = await start();
      const { next: from } = await transport.events.bounds();
      await transport.publish(numbers(0, 700).map((value) => said(value)));
      await transport.publish([{ ...said('0'), topic: HEARTBEAT }]);
      const { next: to } = await transport.events.bounds();
      await transport.publish([said('700')]);
      const all = await readAll(transport, from, to);
      expect(valuesOf(all)).toEqual(numbers(0, 700));
      for (const at of [0, 1, 499, 500, 501, 699]) {
        const place = from.copy();
        for (const record of all.slice(0, at)) transport.events.pass(place, record, EVENT_TOPICS);
        expect(valuesOf(await readAll(transport, place, to))).toEqual(numbers(at, 700));
      }
      const only = [topicOf('NODE_BECAME_ACTIVE')];
      const place = from.copy();
      const ofTopic = await readAll(transport, from, to, only as never);
      expect(valuesOf(ofTopic)).toEqual(valuesOf(all.filter(({ topic }) => topic === only[0])));
      // With the place of a reader of one topic, nothing of another is passed over.
      for (const record of ofTopic.slice(0, 3)) transport.events.pass(place, record, only);
      const heard = valuesOf(ofTopic.slice(0, 3));
      expect(valuesOf(await readAll(transport, place, to))).toEqual(
        valuesOf(all).filter((value) => !heard.includes(value)),
      );
    });

    it('go no further than they are asked for, and on from there', async () => {
      const transport = await start();
      const { next: from } = await transport.events.bounds();
      await transport.publish(numbers(0, 5).map((value) => said(value)));
      const { next: half } = await transport.events.bounds();
      await transport.publish(numbers(5, 9).map((value) => said(value)));
      const { next: to } = await transport.events.bounds();
      const reader = transport.events.read(from, EVENT_TOPICS);
      expect(valuesOf(await reader.next(half))).toEqual(numbers(0, 5));
      expect(await reader.next(half)).toEqual([]);
      expect(valuesOf(await reader.next(to))).toEqual(numbers(5, 9));
      expect(await reader.next(to)).toEqual([]);
    });

    it('know from where on everything is there', async () => {
      const transport = await start();
      const { next: before } = await transport.events.bounds();
      await transport.publish(numbers(0, 4).map((value) => said(value)));
      expect((await transport.events.bounds()).first.hasReached(before, EVENT_TOPICS)).toBe(false);
      await database().pool.query(`update bus_records set appended_at = appended_at - interval '2 days'`);
      await deleteExpired(database().pool, DAY_MS, [], new AbortController().signal);
      const { first, next } = await transport.events.bounds();
      // The newest record is always kept.
      expect(first.next(EVENT_TOPICS[0], 0)).toBe(next.next(EVENT_TOPICS[0], 0) - 1);
      expect(valuesOf(await readAll(transport, first, next))).toEqual(['3']);
    });
  });
}
