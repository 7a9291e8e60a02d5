import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { deadLetterId } from '../../src/messages/index.js';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { BusUnavailable } from '../../src/runtime/index.js';
import { DeadLetterLane } from '../../src/runtime/lanes/dead-letter-lane.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { deadLetterRecord } from '../runtime/dead-letter-records.js';
import { describeStack } from '../support/stack.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type TestApi } from './test-app.js';

type Page = { items: { id: string; originalOffset: string; redrives: number }[]; nextCursor: string | null };

const TOPIC = 'dev.onex.evt.node-introspection.v1';
const START = Date.parse('2026-11-21T08:00:00.000Z');

describeStack('dead letters', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
  });
  afterEach(async () => {
    api.bus.published.length = 0;
    await state.database.pool.query('truncate dead_letters cascade');
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  /** By way of the topic and the lane, as in real life. Gives the ids. */
  async function stored(...originals: readonly Partial<LogRecord>[]): Promise<string[]> {
    const metrics = new RuntimeMetrics(new Registry());
    const lane = new DeadLetterLane({ database: state.database, log: pino({ level: 'silent' }), metrics });
    await lane.handle(originals.map((original) => deadLetterRecord(original)));
    return originals.map(({ topicName = TOPIC, partition = 3, offset = '17' }) =>
      deadLetterId(topicName, partition, offset),
    );
  }

  const at = (second: number, fields: Partial<LogRecord> = {}): Partial<LogRecord> => ({
    offset: String(second),
    appendedAt: START + second * 1000,
    ...fields,
  });

  async function page(query = ''): Promise<Page> {
    const { status, body } = await api.request(`/v1/dead-letters${query}`);
    expect(status).toBe(200);
    return DOCUMENTS.DeadLetterPage.parse(body);
  }

  const offsets = async (query = '') => (await page(query)).items.map(({ originalOffset }) => originalOffset);
  const redrive = (id: string, init: RequestInit = {}) =>
    api.request(`/v1/dead-letters/${id}/redrive`, { method: 'POST', ...init });
  const one = async (id: string) =>
    DOCUMENTS.DeadLetterDetail.parse((await api.request(`/v1/dead-letters/${id}`)).body);

  describe('a list', () => {
    it('is empty at first', async () => {
      expect(await page()).toEqual({ items: [], nextCursor: null });
    });

    it('has the newest first, with what is told of each', async () => {
      await stored(at(1), at(3, { key: Buffer.from('a b') }), at(2));
      const { items } = await page();
      expect(items.map(({ originalOffset }) => originalOffset)).toEqual(['3', '2', '1']);
      expect(items[2]).toEqual({
        id: deadLetterId(TOPIC, 3, '1'),
        originalTopic: TOPIC,
        originalPartition: 3,
        originalOffset: '1',
        cause: 'malformed',
        reason: 'not JSON',
        nodeId: 'node-1',
        valueTruncated: false,
        occurredAt: '2026-11-21T08:00:01.000Z',
        rootId: deadLetterId(TOPIC, 3, '1'),
        attempt: 1,
        quarantined: false,
        redrives: 0,
      });
      expect(items[0]).toMatchObject({ nodeId: null });
    });

    it('is narrowed to a cause, a topic and a node', async () => {
      const topicName = 'dev.onex.evt.node-heartbeat.v1';
      await stored(at(1), at(2, { topicName }), at(3, { key: Buffer.from('node-2') }), at(4, { topicName, key: null }));
      await state.database.pool.query(`update dead_letters set cause = 'unrouted' where original_offset in ('1', '4')`);
      expect(await offsets('?cause=unrouted')).toEqual(['4', '1']);
      expect(await offsets(`?originalTopic=${topicName}`)).toEqual(['4', '2']);
      expect(await offsets('?nodeId=node-1')).toEqual(['2', '1']);
      expect(await offsets(`?nodeId=node-1&cause=malformed&originalTopic=${topicName}`)).toEqual(['2']);
      expect(await offsets('?cause=too_large')).toEqual([]);
    });

    it('is narrowed to words of the reason, a time, and what was not sent again yet', async () => {
      await stored(at(1), at(2), at(3), at(4));
      await state.database.pool.query(
        `update dead_letters set reason = '100% Rubbish_x' where original_offset in ('1', '4')`,
      );
      expect(await offsets('?reasonContains=100%25%20rubbish_')).toEqual(['4', '1']);
      expect(await offsets('?reasonContains=Rubbish%25')).toEqual([]);
      expect(await offsets('?occurredFrom=2026-11-21T08:00:02Z&occurredTo=2026-11-21T09:00:04%2B01:00')).toEqual([
        '3',
        '2',
      ]);
      expect((await redrive(deadLetterId(TOPIC, 3, '2'))).status).toBe(202);
      expect(await offsets('?redriven=never')).toEqual(['4', '3', '1']);
      expect(await offsets('?redriven=any')).toEqual(['4', '3', '2', '1']);
      expect(await offsets('?quarantined=true')).toEqual([]);
      expect(await offsets('?quarantined=false&limit=2')).toEqual(['4', '3']);
    });

    it('is paged, each once, also those of one moment', async () => {
      await stored(...Array.from({ length: 7 }, (_, index) => at(index, { appendedAt: START + (index >> 2) })));
      const all = await offsets();
      for (const limit of [1, 2, 3, 7]) {
        const seen: string[] = [];
        for (let cursor: string | null = ''; cursor !== null && seen.length < 100;) {
          const { items, nextCursor } = await page(`?limit=${limit}&cause=malformed${cursor && `&cursor=${cursor}`}`);
          seen.push(...items.map(({ originalOffset }) => originalOffset));
          cursor = nextCursor;
        }
        expect(seen).toEqual(all);
      }
    });

    it('keeps its place while new ones come and old ones go', async () => {
      await stored(at(1), at(2), at(3), at(4), at(5));
      const first = await page('?limit=2');
      await stored(at(6), at(7), at(2.5, { offset: 'late' }));
      await state.database.pool.query(`delete from dead_letters where original_offset in ('4', '3')`);
      const second = await page(`?limit=2&cursor=${first.nextCursor ?? ''}`);
      const third = await page(`?limit=2&cursor=${second.nextCursor ?? ''}`);
      expect([first, second, third].map(({ items }) => items.map(({ originalOffset }) => originalOffset))).toEqual([
        ['5', '4'],
        ['late', '2'],
        ['1'],
      ]);
      expect(third.nextCursor).toBeNull();
    });
  });

  it('one is shown with its original', async () => {
    const headers = { traceparent: '00-trace-01', list: ['a', 'b'], 'a\0b': '\ud800' };
    const [id = ''] = await stored({ key: Buffer.from([0xff, 0]), headers, value: Buffer.from([0, 255, 128]) });
    expect(await one(id)).toEqual({
      id,
      originalTopic: TOPIC,
      originalPartition: 3,
      originalOffset: '17',
      originalKey: '/wA=',
      originalKeyEncoding: 'base64',
      originalHeaders: headers,
      originalValue: 'AP+A',
      originalText: null,
      valueSha256: expect.stringMatching(/^[\da-f]{64}$/),
      cause: 'malformed',
      reason: 'not JSON',
      nodeId: null,
      valueTruncated: false,
      occurredAt: '2026-11-21T08:00:00.123Z',
      originalEventId: null,
      rootId: id,
      redriveOf: null,
      attempt: 1,
      quarantined: false,
      quarantinedAt: null,
      lineQuarantined: false,
      redrives: [],
      successors: [],
    });
    expect((await api.request(`/v1/dead-letters/${id.toUpperCase()}`)).body).toMatchObject({ id });
  });

  describe('a redrive', () => {
    it.each<[string, Partial<LogRecord>]>([
      ['text', { key: Buffer.from('node-1'), value: Buffer.from('{"Küche":1}') }],
      ['bytes', { key: Buffer.from([0xff, 0]), value: Buffer.from([0, 255, 128]) }],
      ['text that looks like base64', { key: Buffer.from('/wA=') }],
      ['a NUL in the key', { key: Buffer.from('a\0b') }],
      ['nothing as key', { key: null }],
      ['an empty key and value', { key: Buffer.alloc(0), value: Buffer.alloc(0) }],
      ['headers', { headers: { traceparent: '00-trace-01', list: ['a', 'b'], empty: '', 'a\0b': 'c\0d' } }],
      ['another topic', { topicName: 'dev.onex.intent.consul.v1' }],
      ['the largest value that is kept', { value: Buffer.alloc(512 * 1024, 'x') }],
    ])('sends what was there, to the byte: %s', async (_what, original) => {
      const [id = ''] = await stored(original);
      const { status, body } = await redrive(id);
      expect([status, DOCUMENTS.Redrive.parse(body).id]).toEqual([202, id]);
      expect(api.bus.published).toEqual([
        {
          topic: (original.topicName ?? TOPIC).slice('dev.onex.'.length),
          key: original.key === undefined ? Buffer.from('node-1') : original.key,
          value: original.value ?? Buffer.from('{'),
          headers: { ...(original.headers ?? { traceparent: '00-trace-01' }), 'rollcall-redrive-of': id },
        },
      ]);
    });

    it('removes nothing, and is counted each time', async () => {
      const [id = '', other = ''] = await stored(at(1), at(2));
      expect((await redrive(id)).status).toBe(202);
      expect((await redrive(id, json({}))).status).toBe(202);
      expect((await page()).items).toMatchObject([
        { id: other, redrives: 0 },
        { id, redrives: 2 },
      ]);
      const { redrives } = await one(id);
      expect(redrives).toHaveLength(2);
      expect(redrives.map(({ redrivenAt }) => redrivenAt)).toEqual(redrives.map(({ redrivenAt }) => redrivenAt).sort());
      expect((await one(other)).redrives).toEqual([]);
    });

    it.each<[string, Partial<LogRecord>, string]>([
      ['was cut', { value: Buffer.alloc(512 * 1024 + 1, 'x') }, 'dead-letter-truncated'],
      ['lost its key', { key: Buffer.alloc(20_000, 'x') }, 'dead-letter-truncated'],
      ['was a tombstone', { value: null }, 'dead-letter-not-redrivable'],
      [
        'came by a topic of another prefix',
        { topicName: 'old.evt.node-introspection.v1' },
        'dead-letter-not-redrivable',
      ],
      ['came by a topic that is no more', { topicName: 'dev.onex.evt.node-sang.v1' }, 'dead-letter-not-redrivable'],
      ['came by the topic of dead letters', { topicName: 'dev.onex.dlq.v1' }, 'dead-letter-not-redrivable'],
    ])('is refused where the original %s', async (_what, original, type) => {
      const [id = ''] = await stored(original);
      const { status, body } = await redrive(id);
      expect([status, DOCUMENTS.Problem.parse(body).type]).toEqual([409, `/problems/${type}`]);
      expect(api.bus.published).toEqual([]);
      expect((await page()).items).toMatchObject([{ redrives: 0 }]);
    });

    it('is not recorded when the log does not take it', async () => {
      const [id = ''] = await stored({});
      const { publish } = api.bus;
      api.bus.publish = () => Promise.reject(new BusUnavailable('no broker answers at 10.1.2.3'));
      try {
        const { status, headers, body, text } = await redrive(id);
        expect([status, headers.get('retry-after')]).toEqual([503, '5']);
        expect(DOCUMENTS.Problem.parse(body).type).toBe('/problems/log-unavailable');
        expect(text).not.toContain('10.1.2.3');
      } finally {
        api.bus.publish = publish;
      }
      expect((await one(id)).redrives).toEqual([]);
      expect((await redrive(id)).status).toBe(202);
      expect((await one(id)).redrives).toHaveLength(1);
    });
  });

  const cursor = (text: string) => Buffer.from(text).toString('base64url');
  const ID = '6f2d1c9e-4a5b-4c3d-8e7f-001122334455';

  it.each([
    ['?cause=bad_luck', 'cause'],
    ['?cause=malformed&cause=unrouted', 'cause'],
    ['?originalTopic=', 'originalTopic'],
    ['?originalTopic=a%00b', 'originalTopic'],
    [`?originalTopic=${'x'.repeat(256)}`, 'originalTopic'],
    ['?nodeId=a%20b', 'nodeId'],
    [`?nodeId=${'x'.repeat(256)}`, 'nodeId'],
    ['?reasonContains=', 'reasonContains'],
    ['?reasonContains=a%00b', 'reasonContains'],
    ['?occurredFrom=yesterday', 'occurredFrom'],
    ['?occurredFrom=2026-11-21', 'occurredFrom'],
    ['?occurredFrom=2026-02-30T08:00:00Z', 'occurredFrom'],
    ['?occurredTo=2026-11-21T08:00:00', 'occurredTo'],
    ['?occurredTo=0000-11-21T08:00:00Z', 'occurredTo'],
    ['?redriven=always', 'redriven'],
    ['?quarantined=yes', 'quarantined'],
    ['?quarantined=true&quarantined=false', 'quarantined'],
    ['?limit=0', 'limit'],
    ['?limit=1001', 'limit'],
    ['?topic=x', 'topic'],
    ['?cursor=', 'cursor'],
    ['?cursor=abc', 'cursor'],
    [`?cursor=${cursor('n:a-1')}`, 'cursor'],
    [`?cursor=${cursor(`d:${START}`)}`, 'cursor'],
    [`?cursor=${cursor(`d:${START}.`)}`, 'cursor'],
    [`?cursor=${cursor(`d:${START}.x`)}`, 'cursor'],
    [`?cursor=${cursor(`d:${START}.${ID.toUpperCase()}`)}`, 'cursor'],
    [`?cursor=${cursor(`d:1e3.${ID}`)}`, 'cursor'],
    [`?cursor=${cursor(`d:999999999999999.${ID}`)}`, 'cursor'],
    [`?cursor=${cursor(`d:-999999999999999.${ID}`)}`, 'cursor'],
    [`?cursor=${cursor(`d:NaN.${ID}`)}`, 'cursor'],
  ])('a list of %s is refused, naming what is wrong', async (query, field) => {
    const { status, body } = await api.request(`/v1/dead-letters${query}`);
    const problem = DOCUMENTS.Problem.parse(body);
    expect([status, problem.type]).toEqual([400, '/problems/validation']);
    expect([...new Set(problem.errors?.map((error) => error.field))]).toEqual([field]);
  });

  it.each([`d:0.${ID}`, `d:-62135596800000.${ID}`, `d:253402300799999.${ID}`])('takes the cursor %s', async (text) => {
    expect(await page(`?cursor=${cursor(text)}`)).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    ['GET', '/v1/dead-letters/17', 400, 'id'],
    ['GET', '/v1/dead-letters/%00', 400, 'id'],
    ['GET', `/v1/dead-letters/${'x'.repeat(8000)}`, 400, 'id'],
    ['GET', `/v1/dead-letters/${ID}?full=1`, 400, 'full'],
    ['GET', `/v1/dead-letters/${randomUUID()}`, 404, null],
    ['POST', '/v1/dead-letters/17/redrive', 400, 'id'],
    ['POST', `/v1/dead-letters/${'x'.repeat(8000)}/redrive`, 400, 'id'],
    ['POST', `/v1/dead-letters/${ID}/redrive?force=1`, 400, 'force'],
    ['POST', `/v1/dead-letters/${randomUUID()}/redrive`, 404, null],
  ] as const)('%s %s is %i', async (method, path, expected, field) => {
    const { status, body } = await api.request(path, { method });
    const { type, errors } = DOCUMENTS.Problem.parse(body);
    expect([status, type]).toEqual([
      expected,
      `/problems/${expected === 404 ? 'dead-letter-not-found' : 'validation'}`,
    ]);
    expect(errors?.map((error) => error.field)).toEqual(field === null ? undefined : [field]);
  });

  it.each([
    ['an unknown field', json({ forced: true }), 400],
    ['a text where yes or no is meant', json({ force: 'true' }), 400],
    ['a list', json([]), 400],
    ['broken JSON', { ...json(''), body: '{' }, 400],
    ['another content type', { headers: { 'content-type': 'text/plain' }, body: 'now' }, 415],
    ['10 MB', json('x'.repeat(10_000_000)), 413],
  ])('a redrive with %s as body is refused', async (_what, init, expected) => {
    const [id = ''] = await stored({});
    const { status, body } = await redrive(id, init);
    expect([status, DOCUMENTS.Problem.parse(body).status]).toEqual([expected, expected]);
    expect(api.bus.published).toEqual([]);
  });
});
