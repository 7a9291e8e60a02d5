import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { SNAPSHOT_TOPIC, TopicNames, type TopicSuffix } from '../../src/messages/index.js';
import { compact, deleteExpired } from '../../src/runtime/embedded/retention.js';
import { EmbeddedTransport } from '../../src/runtime/embedded/embedded-transport.js';
import { HealthRegistry } from '../../src/runtime/health-registry.js';
import type { Database } from '../../src/runtime/journal/database.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import type { Tap } from '../../src/runtime/transport.js';
import { uniqueName, until } from '../support/stack.js';
import { describeEmbeddedEvents } from './embedded-events-suite.js';

export const TOPIC: TopicSuffix = 'evt.node-introspection.v1';
export const OTHER_TOPIC: TopicSuffix = 'evt.node-heartbeat.v1';
const DAY_MS = 24 * 3600 * 1000;

/** Delivered values, and what the next deliveries are answered with. */
export type TestLane = ReturnType<typeof laneOf>;

export function laneOf(group: string, topics: readonly TopicSuffix[] = [TOPIC]) {
  const batches: LogRecord[][] = [];
  const answers: (() => Promise<void>)[] = [];
  return {
    group,
    topics,
    batches,
    answers,
    get values(): readonly string[] {
      return batches.flat().map(({ value }) => String(value));
    },
    handle: (records: readonly LogRecord[]): Promise<void> => {
      batches.push([...records]);
      return answers.shift()?.() ?? Promise.resolve();
    },
  };
}

export const record = (
  value: string | null,
  topic: TopicSuffix = TOPIC,
  key: string | Buffer | null = 'node',
): OutgoingRecord => ({
  topic,
  key,
  value,
  headers: { event_type: 'TEST' },
});

/** A transport of its own: what one process has. */
export function transportOn(database: Database, prefix: string, lanes: readonly TestLane[], tap?: Tap) {
  const health = new HealthRegistry();
  const transport = new EmbeddedTransport({
    database,
    names: new TopicNames(prefix),
    groupPrefix: prefix,
    retentionMs: DAY_MS,
    log: pino({ level: 'silent' }),
    metrics: new RuntimeMetrics(new Registry()),
    health,
    onFatal: (error) => {
      throw error;
    },
  });
  transport.serve(lanes, tap);
  const close = async (): Promise<void> => {
    health.close();
    await transport.close();
  };
  return { transport, health, close };
}

/** What the embedded log promises, wherever its tables are. `open` is called once; the database is closed by its owner. */
export function describeEmbeddedLog(open: () => Promise<Database>): void {
  let database: Database;
  let prefix: string;
  const running: { close(): Promise<void> }[] = [];

  const start = (lanes: readonly TestLane[], tap?: Tap) => {
    const started = transportOn(database, prefix, lanes, tap);
    started.transport.listen(() => undefined);
    running.push(started);
    return started;
  };
  const ready = async (transport: EmbeddedTransport): Promise<void> => {
    await transport.unwrap<Database>().ready;
  };

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(() => {
    prefix = uniqueName('bus');
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.close();
  });

  it('gives a record back as it was published, with its place and its append time', async () => {
    const lane = laneOf('reads');
    const { transport } = start([lane]);
    await ready(transport);
    await transport.publish([
      record('{"text":"ä\\u0000\\\\ \'quoted\'"}', TOPIC, Buffer.from([0, 255, 92, 7])),
      record('', TOPIC, null),
    ]);
    await until(() => lane.values.length === 2, { what: 'both records' });
    const [first, second] = lane.batches.flat();
    expect(first).toEqual({
      topic: TOPIC,
      topicName: `${prefix}.${TOPIC}`,
      partition: 0,
      offset: expect.stringMatching(/^[1-9]\d*$/),
      key: Buffer.from([0, 255, 92, 7]),
      value: Buffer.from('{"text":"ä\\u0000\\\\ \'quoted\'"}'),
      headers: { event_type: 'TEST' },
      appendedAt: expect.any(Number),
    });
    expect(second).toMatchObject({ key: null, value: Buffer.from('') });
    expect(Number.isInteger(first?.appendedAt)).toBe(true);
    expect(Math.abs(Date.now() - (first?.appendedAt ?? 0))).toBeLessThan(600_000);
  });

  it('keeps the order, of many publishers and large records too, in batches of bounded size', async () => {
    const lane = laneOf('order', [TOPIC, OTHER_TOPIC]);
    const { transport } = start([lane]);
    await ready(transport);
    const large = 'x'.repeat(3_000_000);
    const published = Array.from({ length: 4 }, async (_p, publisher) => {
      for (let n = 0; n < 5; n++) {
        const topic = n % 2 === 0 ? TOPIC : OTHER_TOPIC;
        await transport.publish(Array.from({ length: 60 }, (_r, i) => record(`${publisher}:${n * 60 + i}`, topic)));
      }
    });
    await Promise.all(published);
    await transport.publish(Array.from({ length: 5 }, () => record(large)));
    await until(() => lane.values.length >= 1205, { what: 'all records' });
    expect(lane.values).toHaveLength(1205);
    for (let publisher = 0; publisher < 4; publisher++) {
      const own = lane.values.filter((value) => value.startsWith(`${publisher}:`));
      expect(own).toEqual(Array.from({ length: 300 }, (_v, n) => `${publisher}:${n}`));
    }
    const all = lane.batches.flat();
    expect(all.map(({ offset }) => BigInt(offset))).toEqual(
      [...all].map(({ offset }) => BigInt(offset)).sort(ascending),
    );
    expect(all.map(({ appendedAt }) => appendedAt)).toEqual(
      all.map(({ appendedAt }) => appendedAt).sort((a, b) => a - b),
    );
    const bytes = lane.batches.map((batch) => batch.reduce((sum, { value }) => sum + (value?.length ?? 0), 0));
    expect(Math.max(...bytes)).toBeLessThan(12_000_000);
    expect(Math.max(...lane.batches.map((batch) => batch.length))).toBeLessThanOrEqual(500);
  });

  it('starts a new group at the earliest record, and a known one where it was', async () => {
    const first = start([]);
    await ready(first.transport);
    await first.transport.publish([record('before')]);
    const lane = laneOf('restarts');
    const second = start([lane]);
    await until(() => lane.values.length === 1, { what: 'the earlier record' });
    await until(async () => isCaughtUp(second.transport, 'restarts'), { what: 'the commit' });
    await second.close();
    const again = laneOf('restarts');
    const third = start([again]);
    await ready(third.transport);
    await third.transport.publish([record('after')]);
    await until(() => again.values.length === 1, { what: 'the later record' });
    expect(lane.values).toEqual(['before']);
    expect(again.values).toEqual(['after']);
  });

  it.each([
    ['has to wait', () => Promise.reject(new LaneUnavailable('breaker open', 20))],
    ['fails', () => Promise.reject(new Error('a bug'))],
  ])('delivers the same records again when the lane %s, and commits only then', async (_what, refuse) => {
    const lane = laneOf('again');
    let committed: unknown = null;
    const { transport } = start([lane]);
    lane.answers.push(refuse, async () => {
      committed = await transport.progress('again', TOPIC);
    });
    await ready(transport);
    await transport.publish([record('a'), record('b')]);
    await until(() => committed, { what: 'the second delivery' });
    expect(lane.values).toEqual(['a', 'b', 'a', 'b']);
    const place = BigInt(lane.batches[0]?.[0]?.offset ?? -1);
    expect(committed).toEqual([{ partition: 0, end: place + 2n, committed: place }]);
    await until(async () => isCaughtUp(transport, 'again'), { what: 'the commit' });
  });

  it('says which groups wait for a backend, and is healthy all the same', async () => {
    const lane = laneOf('paused');
    const { transport, health } = start([lane]);
    lane.answers.push(() => Promise.reject(new LaneUnavailable('breaker open', 60_000)));
    await ready(transport);
    await transport.publish([record('a')]);
    const seen = await until(
      () => {
        const { kafka } = health.health().components;
        return kafka?.message.includes('waiting') ? kafka : null;
      },
      { what: 'the health' },
    );
    expect(seen).toEqual({
      status: 'healthy',
      critical: true,
      message: `embedded log; waiting for a backend: ${prefix}.paused`,
      details: { embedded: true, groups: 1, paused: [`${prefix}.paused`] },
    });
  });

  it('finishes and commits the batch in hand when it is closed, and publishes what the lane has to say', async () => {
    const lane = laneOf('closes');
    const { transport, close } = start([lane]);
    let release: () => void = () => undefined;
    const inHand = new Promise<void>((resolve) => {
      lane.answers.push(async () => {
        resolve();
        await new Promise<void>((go) => {
          release = go;
        });
        await transport.publish([record('output', OTHER_TOPIC)]);
      });
    });
    await ready(transport);
    await transport.publish([record('a')]);
    await inHand;
    const closed = close();
    release();
    await closed;
    const next = laneOf('closes', [TOPIC, OTHER_TOPIC]);
    start([next]);
    await until(() => next.values.length === 1, { what: 'what was published last' });
    expect(next.values).toEqual(['output']);
  });

  it('tells a tap of what is appended from now on, and that it may have missed what came before', async () => {
    const before = start([]);
    await ready(before.transport);
    await before.transport.publish([record('before')]);
    const heard: string[] = [];
    await new Promise<void>((missed) => {
      start([], {
        topics: [TOPIC],
        heard: (records) => heard.push(...records.map(({ value }) => String(value))),
        missed,
      });
    });
    const { transport } = running.at(-1) as ReturnType<typeof start>;
    await transport.publish([record('one'), record('of another topic', OTHER_TOPIC)]);
    await before.transport.publish([record('two')]);
    await transport.publish([record('three')]);
    await until(() => heard.length >= 3, { what: 'the records' });
    expect(heard).toEqual(['one', 'two', 'three']);
  });

  describe('deletes', () => {
    const kept = async (): Promise<readonly string[]> => {
      const { rows } = await database.pool.query<{ value: string }>(
        `select convert_from(value, 'UTF8') as value from bus_records where topic like $1 order by position`,
        [`${prefix}.%`],
      );
      return rows.map(({ value }) => value);
    };
    const compacted = () => [new TopicNames(prefix).full(SNAPSHOT_TOPIC)];
    const expire = () => deleteExpired(database.pool, DAY_MS, compacted(), new AbortController().signal);
    const expireOldest = () => compact(database.pool, DAY_MS, compacted(), new AbortController().signal);
    // All of the log: append times grow with the position.
    const age = () => database.pool.query(`update bus_records set appended_at = appended_at - interval '2 days'`);

    it('old records that every group has read, and neither young ones nor the newest', async () => {
      const lane = laneOf('reads');
      const { transport } = start([lane]);
      await ready(transport);
      await transport.publish(Array.from({ length: 2100 }, (_r, n) => record(`old ${n}`)));
      await until(async () => isCaughtUp(transport, 'reads'), { what: 'the commits' });
      await expire();
      expect(await kept()).toHaveLength(2100);
      await age();
      await expire();
      expect(await kept()).toEqual(['old 2099']);
      await transport.publish([record('young')]);
      await expire();
      expect(await kept()).toEqual(['young']);
    });

    it('nothing that a group has not read, unless nobody has run that group for as long', async () => {
      const lane = laneOf('behind');
      const { transport, close } = start([lane]);
      lane.answers.push(() => Promise.reject(new LaneUnavailable('breaker open', 60_000)));
      await ready(transport);
      await transport.publish([record('needed'), record('nobody reads this', OTHER_TOPIC), record('last')]);
      await until(() => lane.batches.length > 0, { what: 'the delivery' });
      await age();
      await expire();
      expect(await kept()).toEqual(['needed', 'last']);
      await close();
      await database.pool.query(`update bus_groups set seen_at = seen_at - interval '2 days' where name = $1`, [
        `${prefix}.behind`,
      ]);
      await expire();
      expect(await kept()).toEqual(['last']);
    });

    it('of a compacted topic what has a newer record of its key, and tombstones, once they are old and read', async () => {
      const lane = laneOf('snapshots', [SNAPSHOT_TOPIC]);
      const { transport, close } = start([lane]);
      const snapshot = (key: string, value: string | null) => record(value, SNAPSHOT_TOPIC, key);
      await ready(transport);
      const first = Array.from({ length: 1100 }, (_r, n) => snapshot(`many-${n}`, `first ${n}`));
      await transport.publish([...first, snapshot('a', 'a1'), snapshot('b', 'b1'), snapshot('a', 'a2')]);
      await transport.publish([snapshot('b', null), snapshot('c', 'c1')]);
      const isRead = async () => {
        const [progress] = await transport.progress('snapshots', SNAPSHOT_TOPIC);
        return progress?.committed === progress?.end;
      };
      await until(isRead, { what: 'the commits' });
      expect(lane.batches.flat().find(({ key, value }) => String(key) === 'b' && value === null)).toMatchObject({
        headers: { event_type: 'TEST' },
      });
      await expireOldest();
      expect(await kept()).toHaveLength(1105);
      await age();
      await transport.publish([snapshot('c', 'c2'), snapshot('many-0', 'second 0')]);
      await until(isRead, { what: 'the commits' });
      await expire();
      expect(await kept()).toHaveLength(1107);
      expect(await expireOldest()).toBe(5);
      const left = await kept();
      expect(left).toHaveLength(1102);
      expect(left.slice(0, 1)).toEqual(['first 1']);
      expect(left.slice(-3)).toEqual(['a2', 'c2', 'second 0']);
      await close();
    });
  });

  const startReady = async (): Promise<EmbeddedTransport> => {
    const { transport } = start([]);
    await ready(transport);
    return transport;
  };
  describeEmbeddedEvents(startReady, () => database);

  afterAll(async () => {
    await database.close();
  });
}

export async function isCaughtUp(transport: EmbeddedTransport, group: string): Promise<boolean> {
  const [progress] = await transport.progress(group, TOPIC);
  return progress !== undefined && progress.committed === progress.end;
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
