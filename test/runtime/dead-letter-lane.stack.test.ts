import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { deadLetterId } from '../../src/messages/index.js';
import { Database, DatabaseNotReady } from '../../src/runtime/journal/database.js';
import { stateMigrations } from '../../src/runtime/journal/migrations/index.js';
import { DeadLetterLane } from '../../src/runtime/lanes/dead-letter-lane.js';
import { LaneUnavailable, type LogRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';
import { deadLetterRecord, inDeadLetterTopic } from './dead-letter-records.js';

type Row = Readonly<Record<string, unknown>>;

describeStack('the lane of dead letters', ['postgres'], () => {
  let server: TestDatabase;
  let database: Database;
  const lines: { readonly level: number; readonly msg: string }[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[0]) });

  beforeAll(async () => {
    server = await createDatabase();
    const options = { name: 'state', url: server.url, migrations: stateMigrations, connections: 2 };
    database = new Database({ ...options, log: pino({ level: 'silent' }) });
    await database.ready;
  });
  afterEach(async () => {
    lines.length = 0;
    await database.pool.query('truncate dead_letters cascade');
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const laneOn = (where: ConstructorParameters<typeof DeadLetterLane>[0]['database']) =>
    new DeadLetterLane({ database: where, log, metrics: new RuntimeMetrics(new Registry()) });
  const handle = (...records: readonly LogRecord[]) => laneOn(database).handle(records);
  const stored = async () =>
    (await database.pool.query<Row>('select * from dead_letters order by original_offset')).rows;

  /** A dead letter that our own code would not write. */
  function forged(change: (letter: { payload: Record<string, unknown> } & Record<string, unknown>) => void): LogRecord {
    const record = deadLetterRecord();
    const letter = JSON.parse(record.value?.toString() ?? '') as { payload: Record<string, unknown> };
    change(letter);
    return { ...record, value: Buffer.from(JSON.stringify(letter)) };
  }

  it('reads the dead-letter topic in a group of its own', () => {
    expect(laneOn(database)).toMatchObject({ group: 'dead-letters', topics: ['dlq.v1'] });
  });

  it('stores everything of a dead letter', async () => {
    await handle(deadLetterRecord({ headers: { traceparent: '00-trace-01', list: ['a', 'b'] } }));
    expect(await stored()).toEqual([
      {
        id: deadLetterId('dev.onex.evt.node-introspection.v1', 3, '17'),
        node_id: 'node-1',
        original_topic: 'dev.onex.evt.node-introspection.v1',
        original_partition: 3,
        original_offset: '17',
        original_key: 'node-1',
        original_key_encoding: 'utf8',
        original_headers: { traceparent: '00-trace-01', list: ['a', 'b'] },
        original_value: btoa('{'),
        value_truncated: false,
        value_sha256: '021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96',
        cause: 'malformed',
        reason: 'not JSON',
        occurred_at: new Date('2026-11-21T08:00:00.123Z'),
        stored_at: expect.any(Date),
        original_event_id: null,
        redrive_of: null,
        root_id: null,
        attempt: 1,
        quarantined_at: null,
      },
    ]);
    expect(lines).toEqual([]);
  });

  it('stores each once, however often it comes', async () => {
    await handle(deadLetterRecord(), deadLetterRecord({ offset: '18' }), deadLetterRecord());
    await handle(deadLetterRecord({ offset: '18' }), deadLetterRecord({ offset: '19' }));
    expect((await stored()).map((row) => row['original_offset'])).toEqual(['17', '18', '19']);
    await handle();
  });

  it('stores more than one statement takes', async () => {
    const value = Buffer.alloc(300_000, 'x');
    const large = Array.from({ length: 30 }, (_, index) => deadLetterRecord({ offset: `1${index}`, value }));
    const small = Array.from({ length: 600 }, (_, index) => deadLetterRecord({ offset: `2${index}` }));
    await handle(...large, ...small);
    expect(await stored()).toHaveLength(630);
  });

  describe('keeps what other people wrote', () => {
    it.each<[string, Buffer | null, string | null, 'utf8' | 'base64']>([
      ['none', null, null, 'utf8'],
      ['empty', Buffer.alloc(0), '', 'utf8'],
      ['text', Buffer.from('Küche 1'), 'Küche 1', 'utf8'],
      ['text that looks like base64', Buffer.from('/wA='), '/wA=', 'utf8'],
      ['bytes', Buffer.from([0xff, 0x00]), '/wA=', 'base64'],
      ['text with a NUL', Buffer.from('a\0b'), btoa('a\0b'), 'base64'],
      ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x61]), '\uFEFFa', 'utf8'],
    ])('where the key is %s', async (_what, key, kept, encoding) => {
      await handle(deadLetterRecord({ key }));
      const [row] = await stored();
      expect([row?.['original_key'], row?.['original_key_encoding']]).toEqual([kept, encoding]);
      const bytes = kept === null ? null : Buffer.from(kept, encoding);
      expect(bytes).toEqual(key);
    });

    it('where headers and reason have characters that PostgreSQL cannot hold as text', async () => {
      const headers = { 'a\0b': 'c\0d', broken: ['\ud800', '\udc00x'], constructor: 'y', empty: '' };
      await handle(deadLetterRecord({ headers }, 'Unexpected token \0 and \ud83d'), deadLetterRecord({ offset: '18' }));
      const rows = await stored();
      expect(rows[0]).toMatchObject({ original_headers: headers, reason: 'Unexpected token \uFFFD and \uFFFD' });
      expect(rows).toHaveLength(2);
      expect(lines).toEqual([]);
    });

    it('where the value is none, empty, or no text', async () => {
      await handle(
        deadLetterRecord({ offset: '1', value: null }),
        deadLetterRecord({ offset: '2', value: Buffer.alloc(0) }),
        deadLetterRecord({ offset: '3', value: Buffer.from([0, 255, 128]) }),
      );
      expect((await stored()).map((row) => row['original_value'])).toEqual([null, '', 'AP+A']);
    });

    it('but only so much of it that the topic takes it', async () => {
      const record = deadLetterRecord({
        key: Buffer.alloc(1_000_000, '\x01'),
        value: Buffer.alloc(1_000_000, '\x01'),
        headers: { long: '\x01'.repeat(1_000_000) },
      });
      expect(record.key).toBeNull();
      expect(record.value?.length).toBeLessThan(1024 * 1024);
      await handle(record);
      expect(await stored()).toMatchObject([
        {
          original_key: null,
          original_headers: {},
          value_truncated: true,
          reason: expect.stringMatching(
            /^not JSON; its key of 1000000 bytes is not kept; its headers of \d+ bytes are not kept$/,
          ),
        },
      ]);
    });
  });

  describe('passes over', () => {
    const message = { level: 40, msg: 'passing over what is no dead letter', topic: 'dev.onex.dlq.v1', offset: '4' };

    it.each<[string, LogRecord]>([
      ['a tombstone', inDeadLetterTopic({})],
      ['an empty value', inDeadLetterTopic({ value: Buffer.alloc(0) })],
      ['rubbish', inDeadLetterTopic({ value: Buffer.from([0xff, 0xfe]) })],
      ['JSON that is no message', inDeadLetterTopic({ value: Buffer.from('[null]') })],
      ['deep JSON', inDeadLetterTopic({ value: Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)) })],
      ['another message', forged((letter) => (letter['event_type'] = 'NODE_HEARTBEAT'))],
      ['an unknown cause', forged(({ payload }) => (payload['cause'] = 'bad_luck'))],
      ['headers that are no text', forged(({ payload }) => (payload['original_headers'] = { a: 1 }))],
      ['an id that is none', forged((letter) => (letter['event_id'] = '1'))],
      ['a time that is none', forged((letter) => (letter['event_timestamp'] = '2026-02-30T00:00:00Z'))],
    ])('%s, and goes on', async (_what, record) => {
      await handle(record, deadLetterRecord({ offset: '99' }));
      expect((await stored()).map((row) => row['original_offset'])).toEqual(['99']);
      expect(lines).toEqual([expect.objectContaining({ ...message, reason: expect.any(String) })]);
    });

    it.each<[string, LogRecord]>([
      ['a partition', forged(({ payload }) => (payload['original_partition'] = 2 ** 40))],
      ['a time', forged((letter) => (letter['event_timestamp'] = '0000-01-01T00:00:00Z'))],
    ])('%s that the database refuses, and stores the others of the batch', async (_what, record) => {
      const others = Array.from({ length: 9 }, (_, index) => deadLetterRecord({ offset: `9${index}` }));
      await handle(...others.slice(0, 4), record, ...others.slice(4));
      expect(await stored()).toHaveLength(9);
      expect(lines).toMatchObject([{ level: 50, msg: 'passing over a dead letter that cannot be stored' }]);
    });
  });

  describe('waits', () => {
    const away = {
      get pool(): Database['pool'] {
        throw new DatabaseNotReady('the state database is not ready');
      },
    };
    const failing = (code: string) => ({
      pool: { query: () => Promise.reject(Object.assign(new Error('no'), { code })) } as unknown as Database['pool'],
    });

    it.each([
      ['is not there yet', away],
      ['refuses connections', failing('ECONNREFUSED')],
      ['is shutting down', failing('57P01')],
      ['is read-only', failing('25006')],
    ])('while the database %s', async (_what, where) => {
      await expect(laneOn(where).handle([deadLetterRecord()])).rejects.toBeInstanceOf(LaneUnavailable);
    });

    it('for nothing where there is nothing to store', async () => {
      await laneOn(away).handle([inDeadLetterTopic({})]);
      expect(lines).toHaveLength(1);
    });
  });
});
