import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { deadLetterId } from '../../src/messages/index.js';
import { Database } from '../../src/runtime/journal/database.js';
import { stateMigrations } from '../../src/runtime/journal/migrations/index.js';
import { DeadLetterLane } from '../../src/runtime/lanes/dead-letter-lane.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';
import { deadLetterRecord } from './dead-letter-records.js';

const HEADER = 'rollcall-redrive-of';
const log = pino({ level: 'silent' });
const idAt = (offset: string) => deadLetterId('dev.onex.evt.node-introspection.v1', 3, offset);

/** The dead letter of a message at `offset` that says to be a redrive of the letter at `of`. */
const letter = (offset: string, of?: string, fields: Partial<LogRecord> = {}): LogRecord =>
  deadLetterRecord({ offset, ...(of === undefined ? {} : { headers: { [HEADER]: idAt(of) } }), ...fields });

describeStack('lines of dead letters', ['postgres'], () => {
  let server: TestDatabase;
  let database: Database;
  const decided: string[] = [];

  beforeAll(async () => {
    server = await createDatabase();
    database = new Database({ name: 'state', url: server.url, migrations: stateMigrations, connections: 2, log });
    await database.ready;
  });
  afterEach(async () => {
    decided.length = 0;
    await database.pool.query('truncate dead_letters cascade');
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const handle = (...records: readonly LogRecord[]) =>
    new DeadLetterLane({
      database,
      log,
      metrics: new RuntimeMetrics(new Registry()),
      decided: (nodeIds) => decided.push(...nodeIds),
    }).handle(records);

  /** Every letter as `offset < ancestor (root) attempt`, with `!` for those in quarantine. */
  async function lines(): Promise<string[]> {
    type Row = { offset: string; parent: string | null; root: string | null; attempt: number; quarantined: boolean };
    const { rows } = await database.pool.query<Row>(`
      select d.original_offset as offset, d.attempt, d.quarantined_at is not null as quarantined,
        (select original_offset from dead_letters p where p.id = d.redrive_of) as parent,
        (select original_offset from dead_letters r where r.id = d.root_id) as root
      from dead_letters d order by original_offset`);
    return rows.map(
      ({ offset, parent, root, attempt, quarantined }) =>
        `${offset}${parent === null ? '' : ` < ${parent} (${root})`} ${attempt}${quarantined ? '!' : ''}`,
    );
  }

  it('a failed redrive knows its ancestor and its root', async () => {
    await handle(letter('1'));
    await handle(letter('2', '1'));
    await handle(letter('3', '2'), letter('9'));
    expect(await lines()).toEqual(['1 1', '2 < 1 (1) 2', '3 < 2 (1) 3', '9 1']);
  });

  it('is the same when all come at once, and when they come again', async () => {
    const all = [letter('1'), letter('2', '1'), letter('2', '1'), letter('3', '2'), letter('4', '1')];
    await handle(...all);
    const expected = ['1 1', '2 < 1 (1) 2', '3 < 2 (1) 3', '4 < 1 (1) 4!'];
    expect(await lines()).toEqual(expected);
    await handle(...all);
    await handle(...all.reverse());
    expect(await lines()).toEqual(expected);
  });

  it('counts every failure of a root, whichever letter was sent again', async () => {
    await handle(letter('1'));
    await handle(letter('2', '1'), letter('3', '1'));
    expect(await lines()).toEqual(['1 1', '2 < 1 (1) 2', '3 < 1 (1) 3']);
  });

  it('puts the newest in quarantine after three failures, and no other', async () => {
    await handle(letter('1'));
    for (const [offset, of] of [
      ['2', '1'],
      ['3', '2'],
      ['4', '3'],
    ] as const) {
      expect((await lines()).join()).not.toContain('!');
      await handle(letter(offset, of));
    }
    expect((await lines()).at(-1)).toBe('4 < 3 (1) 4!');
    await handle(letter('5', '4'), letter('8'));
    expect((await lines()).slice(3)).toEqual(['4 < 3 (1) 4', '5 < 4 (1) 5!', '8 1']);
  });

  it.each<[string, LogRecord]>([
    ["somebody else's text", deadLetterRecord({ offset: '2', headers: { [HEADER]: 'me; drop table dead_letters' } })],
    ['nothing', deadLetterRecord({ offset: '2', headers: { [HEADER]: '' } })],
    ['characters that cannot be stored', deadLetterRecord({ offset: '2', headers: { [HEADER]: '\0\ud800' } })],
    ['an unknown id', deadLetterRecord({ offset: '2', headers: { [HEADER]: randomUUID() } })],
    ['itself', letter('2', '2')],
    ['several ids', deadLetterRecord({ offset: '2', headers: { [HEADER]: [idAt('1'), idAt('1')] } })],
    ['the letter of another message', letter('2', '1', { value: Buffer.from('other') })],
    ['the letter of another node', letter('2', '1', { key: Buffer.from('node-2') })],
    ['a letter without key', letter('2', '1', { key: null })],
  ])('a header with %s begins a line of its own', async (_what, record) => {
    await handle(letter('1'));
    await handle(record);
    expect((await lines()).at(-1)).toMatch(/ 1$/);
    expect(await lines()).toHaveLength(2);
  });

  it('a header that names a letter of another topic begins a line of its own', async () => {
    await handle(letter('1'));
    await handle(letter('2', '1', { topicName: 'dev.onex.evt.node-heartbeat.v1' }));
    expect(await lines()).toEqual(['1 1', '2 1']);
  });

  it('goes on where the table was emptied: what comes then is a root', async () => {
    await handle(letter('1'), letter('2', '1'));
    await database.pool.query('truncate dead_letters cascade');
    await handle(letter('3', '2'));
    await handle(letter('4', '3'));
    expect(await lines()).toEqual(['3 1', '4 < 3 (3) 2']);
  });

  it('goes on where the root is gone', async () => {
    await handle(letter('1'), letter('2', '1'));
    await database.pool.query(`delete from dead_letters where original_offset = '1'`);
    await handle(letter('3', '2'));
    const { rows } = await database.pool.query(`select root_id, attempt from dead_letters where original_offset = '3'`);
    expect(rows).toEqual([{ root_id: idAt('1'), attempt: 3 }]);
  });

  describe('the event id of the original', () => {
    const id = randomUUID();
    it.each<[string, Buffer | null, string | null]>([
      ['a message', Buffer.from(JSON.stringify({ event_id: id.toUpperCase(), event_type: 'X' })), id],
      ['another id', Buffer.from('{"event_id":"17"}'), null],
      ['no object', Buffer.from('[]'), null],
      ['no JSON', Buffer.from('{'), null],
      ['a tombstone', null, null],
      ['a cut value', Buffer.from(JSON.stringify({ event_id: id, pad: 'x'.repeat(600_000) })), null],
    ])('is kept of %s', async (_what, value, expected) => {
      await handle(deadLetterRecord({ value }));
      const { rows } = await database.pool.query('select original_event_id as id from dead_letters');
      expect(rows).toEqual([{ id: expected }]);
    });
  });

  it('tells of the nodes whose letters are there', async () => {
    await handle(letter('1'), letter('2'), letter('3', undefined, { key: null }));
    expect(decided).toEqual(['node-1']);
  });

  it('rows of before, and of a replica that does not know lines, are roots', async () => {
    await handle(letter('1'));
    await database.pool.query(
      `insert into dead_letters (id, original_topic, original_partition, original_offset, original_key, original_headers,
         original_value, value_truncated, value_sha256, cause, reason, occurred_at)
       select $1, original_topic, original_partition, '5', original_key, original_headers, original_value, value_truncated,
         value_sha256, cause, reason, occurred_at from dead_letters`,
      [idAt('5')],
    );
    await handle(letter('6', '5'));
    expect(await lines()).toEqual(['1 1', '5 1', '6 < 5 (5) 2']);
  });
});
