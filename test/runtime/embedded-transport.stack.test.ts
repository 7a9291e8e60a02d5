import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Database } from '../../src/runtime/journal/database.js';
import type { Tap } from '../../src/runtime/transport.js';
import { createDatabase, describeStack, uniqueName, until, type TestDatabase } from '../support/stack.js';
import {
  describeEmbeddedLog,
  isCaughtUp,
  laneOf,
  record,
  TOPIC,
  transportOn,
  type TestLane,
} from './embedded-transport-suite.js';

const log = pino({ level: 'silent' });
const open = async (url: string): Promise<Database> => {
  const database = new Database({ name: 'state', url, migrations: [], connections: 4, log });
  await database.ready;
  return database;
};

describeStack('the embedded log in a PostgreSQL server', ['postgres'], () => {
  let server: TestDatabase;

  beforeAll(async () => {
    server = await createDatabase();
  });

  describe('of one process', () => describeEmbeddedLog(() => open(server.url)));

  describe('that two processes share', () => {
    let databases: readonly Database[];
    let prefix: string;
    const running: { close(): Promise<void> }[] = [];

    const start = async (index: number, lanes: readonly TestLane[], tap?: Tap) => {
      const started = transportOn(databases[index] as Database, prefix, lanes, tap);
      started.transport.listen(() => undefined);
      running.push(started);
      await started.transport.unwrap<Database>().ready;
      return started;
    };

    beforeAll(async () => {
      databases = await Promise.all([open(server.url), open(server.url)]);
    });
    afterEach(async () => {
      for (const one of running.splice(0)) await one.close();
    });
    afterAll(async () => {
      for (const database of databases) await database.close();
    });

    it('delivers each record to one of them, whoever published it, and taps of both hear all', async () => {
      prefix = uniqueName('shared');
      const lanes = [laneOf('group'), laneOf('group')] as const;
      const heard: string[][] = [[], []];
      let followed = 0;
      const both = await Promise.all(
        lanes.map((lane, index) =>
          start(index, [lane], {
            topics: lane.topics,
            heard: (records) => heard[index]?.push(...records.map(({ value }) => String(value))),
            missed: () => followed++,
          }),
        ),
      );
      await until(() => followed >= 2, { what: 'both taps' });
      await until(() => both.every(({ health }) => health.health().status === 'healthy'), { what: 'health' });
      const published = Array.from({ length: 100 }, (_v, n) => String(n));
      for (const value of published) await both[Number(value) % 2]?.transport.publish([record(value)]);
      const [left, right] = lanes;
      await until(() => left.values.length + right.values.length >= 100, { what: 'the records' });
      expect([left.values, right.values]).toContainEqual(published);
      expect([left.values, right.values]).toContainEqual([]);
      await until(() => heard.every((values) => values.length >= 100), { what: 'what the taps hear' });
      expect(heard).toEqual([published, published]);
    });

    it('appends from both at once without a reader passing over a record', async () => {
      prefix = uniqueName('race');
      const lane = laneOf('group');
      const publishers = [await start(0, [lane]), await start(1, [])];
      await Promise.all(
        publishers.map(async ({ transport }, publisher) => {
          for (let n = 0; n < 150; n++) await transport.publish([record(`${publisher}:${n}`)]);
        }),
      );
      await until(() => lane.values.length >= 300, { what: 'all records' });
      for (const publisher of [0, 1]) {
        const own = lane.values.filter((value) => value.startsWith(`${publisher}:`));
        expect(own).toEqual(Array.from({ length: 150 }, (_v, n) => `${publisher}:${n}`));
      }
    });

    it('goes on by itself after its connections broke, and has missed nothing', async () => {
      prefix = uniqueName('broken');
      const lane = laneOf('group');
      const heard: string[] = [];
      let isFollowed = false;
      const { transport, health } = await start(0, [lane], {
        topics: lane.topics,
        heard: (records) => heard.push(...records.map(({ value }) => String(value))),
        missed: () => {
          isFollowed = true;
        },
      });
      await until(() => isFollowed, { what: 'the tap' });
      await transport.publish([record('before')]);
      await until(() => lane.values.length === 1 && heard.length === 1, { what: 'the first record' });
      await databases[1]?.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await until(() => transport.publish([record('after')]).then(() => true), { what: 'a connection' });
      // More than once where a connection broke before it had said yes, to a publish or to a commit.
      const copies = (values: readonly string[]) => values.filter((value) => value === 'after').length;
      const appended = await until(
        async () => {
          const { rows } = await databases[1]!.pool.query<{ count: number }>(
            `select count(*)::int as count from bus_records where topic = $1 and value = 'after'`,
            [`${prefix}.${TOPIC}`],
          );
          return rows[0]?.count;
        },
        { what: 'the second record in the log' },
      );
      await until(() => copies(heard) >= appended && copies(lane.values) >= appended, { what: 'the second record' });
      expect(copies(heard)).toBe(appended);
      await until(() => health.health().components['kafka']?.status === 'healthy', { what: 'health' });
    });

    it('does not read for a tap to which nobody listens; who comes is told of what was missed, and hears the rest', async () => {
      prefix = uniqueName('silent');
      const lane = laneOf('group');
      const told: string[] = [];
      let listen = (): void => undefined;
      const over = new Promise<void>((resolve) => {
        listen = resolve;
      });
      let silence: Promise<void> | undefined;
      let isResting = false;
      const { transport } = await start(0, [lane], {
        topics: lane.topics,
        silence: () => {
          isResting = silence !== undefined;
          return silence;
        },
        heard: (records) => told.push(...records.map(({ value }) => String(value))),
        missed: () => told.push('missed'),
      });
      await until(() => told.includes('missed'), { what: 'the tap' });
      await transport.publish([record('before')]);
      await until(() => told.includes('before'), { what: 'the first record' });
      silence = over;
      await until(() => transport.publish([record('the last, perhaps')]).then(() => isResting), { what: 'the rest' });
      const toldBefore = told.length;
      await transport.publish([record('for nobody')]);
      silence = undefined;
      listen();
      await until(() => told.length > toldBefore, { what: 'the end of the rest' });
      await transport.publish([record('after')]);
      await until(() => told.includes('after'), { what: 'the record after the rest' });
      expect(told.slice(toldBefore)).toEqual(['missed', 'after']);
      expect(lane.values.length).toBeGreaterThan(0);
    });

    it('hands a group over when its reader leaves, and when its reader is gone without a word', async () => {
      prefix = uniqueName('takeover');
      const [first, second, third] = [laneOf('group'), laneOf('group'), laneOf('group')];
      const leaver = await start(0, [first]);
      await leaver.transport.publish([record('a')]);
      await until(() => first.values.length === 1, { what: 'the first reader' });
      const stayer = await start(1, [second]);
      await until(async () => isCaughtUp(stayer.transport, 'group'), { what: 'the commit' });
      await leaver.close();
      await stayer.transport.publish([record('b')]);
      await until(() => second.values.length === 1, { what: 'the second reader' });
      expect(second.values).toEqual(['b']);
      await until(async () => isCaughtUp(stayer.transport, 'group'), { what: 'the commit' });
      // A killed process: its lease is there, and nobody renews it.
      await stayer.close();
      await databases[0]?.pool.query(
        `update bus_groups set owner = gen_random_uuid(), leased_until = clock_timestamp() + interval '2 seconds' where name = $1`,
        [`${prefix}.group`],
      );
      const heir = await start(0, [third]);
      await heir.transport.publish([record('c')]);
      await until(() => third.values.length === 1, { what: 'the third reader' });
      expect(third.values).toEqual(['c']);
    });
  });

  afterAll(async () => {
    await server.drop();
  });
});
