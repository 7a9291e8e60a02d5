import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { outcomeOf } from '../../src/api/commands/outcome.js';
import { planRedrive, summarised } from '../../src/api/dead-letters/redrive-plan.js';
import { Redriver } from '../../src/api/dead-letters/redriver.js';
import { textOf } from '../../src/api/dead-letters/text-of.js';
import type { ApiOptions } from '../../src/api/options.js';
import type { DeadLetterReader } from '../../src/api/read/dead-letters-reader.js';
import type { Candidate, Original } from '../../src/api/read/dead-letters-redrives.js';
import { StateUnavailable } from '../../src/api/read/query.js';
import { BusUnavailable, createLog } from '../../src/runtime/index.js';
import { journalOf, stepsFrom } from './operations-journal.js';
import { id as eventId, completed, registerNode } from '../support/builders.js';
import { TestBus } from './test-app.js';

const TOPIC = 'dev.onex.evt.node-introspection.v1';
const OPTIONS = { topicPrefix: 'dev.onex' } as ApiOptions;

const candidate = (id: string, fields: Partial<Candidate> = {}): Candidate => ({
  id,
  originalTopic: TOPIC,
  valueTruncated: false,
  valueLength: 100,
  lineQuarantined: false,
  superseded: false,
  ...fields,
});
const many = (count: number, fields: Partial<Candidate> = {}) =>
  Array.from({ length: count }, (_, index) => candidate(String(index), fields));

describe('the plan of a redrive by filter', () => {
  const plan = (candidates: readonly Candidate[], limit = 1000) => planRedrive(candidates, limit, 'dev.onex');

  it('sends what can be sent in the order in which it was found, and says why not of the others', () => {
    const { chunks, notSent } = plan([
      candidate('a'),
      candidate('b', { valueTruncated: true, superseded: true }),
      candidate('c', { valueLength: null }),
      candidate('d', { originalTopic: 'old.evt.node-introspection.v1' }),
      candidate('e', { originalTopic: 'dev.onex.dlq.v1' }),
      candidate('f', { superseded: true, lineQuarantined: true }),
      candidate('g', { superseded: true }),
      candidate('h', { valueLength: 0 }),
    ]);
    expect(chunks).toEqual([['a', 'h']]);
    expect(notSent).toEqual([
      ['b', 'truncated'],
      ['c', 'no_value'],
      ['d', 'unread_topic'],
      ['e', 'unread_topic'],
      ['f', 'quarantined'],
      ['g', 'superseded'],
    ]);
  });

  it('the limit counts what is sent: what cannot be sent takes no place', () => {
    const { chunks, notSent } = plan([...many(5, { valueTruncated: true }), candidate('a'), candidate('b')], 1);
    expect(chunks).toEqual([['a']]);
    expect(notSent.at(-1)).toEqual(['b', 'over_limit']);
  });

  it('sends in batches of bounded number and size', () => {
    expect(plan(many(250)).chunks.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(plan(many(12, { valueLength: 700_000 })).chunks.map(({ length }) => length)).toEqual([5, 5, 2]);
    expect(plan(many(2, { valueLength: 9_000_000 })).chunks).toEqual([['0'], ['1']]);
    expect(plan([])).toEqual({ chunks: [], notSent: [], matched: 0, moreMatch: false });
  });

  it('looks at a bounded number, and says when there are more', () => {
    expect(plan(many(10_000))).toMatchObject({ matched: 10_000, moreMatch: false });
    expect(plan(many(10_001))).toMatchObject({ matched: 10_000, moreMatch: true });
  });

  it('is told by reason, with the first ids of each', () => {
    const entries = Array.from({ length: 30 }, (_, index) => [String(index), 'superseded'] as const);
    expect(summarised([['x', 'gone'], ...entries])).toEqual([
      { why: 'gone', count: 1, ids: ['x'] },
      { why: 'superseded', count: 30, ids: entries.slice(0, 20).map(([id]) => id) },
    ]);
  });
});

describe('a redrive by filter', () => {
  const found = many(250);
  let bus: TestBus;
  let recorded: string[][];
  let reader: {
    candidates: () => Promise<readonly Candidate[]>;
    originals: (ids: readonly string[]) => Promise<readonly Original[]>;
    recordRedrives: (ids: readonly string[]) => Promise<void>;
  };
  let redriver: Redriver;

  const original = (id: string): Original => ({
    ...{ id, originalTopic: TOPIC, originalKey: 'n', originalKeyEncoding: 'utf8', originalHeaders: {} },
    ...{ originalValue: 'ew==', valueTruncated: false },
  });
  const run = () =>
    redriver.byFilter({}, { dryRun: false, limit: 1000, requestId: eventId(1), requestedFrom: '127.0.0.1' });
  const ids = (from: number, to: number) => found.slice(from, to).map(({ id }) => id);

  beforeEach(() => {
    bus = new TestBus();
    recorded = [];
    reader = {
      candidates: () => Promise.resolve(found),
      originals: (wanted) => Promise.resolve(wanted.map(original)),
      recordRedrives: (sent) => {
        recorded.push([...sent]);
        return Promise.resolve();
      },
    };
    redriver = new Redriver(reader as unknown as DeadLetterReader, bus, createLog('silent'), OPTIONS);
  });
  afterEach(() => redriver.onModuleDestroy());

  /** A log that takes so many publishes and no more. */
  function takes(publishes: number): void {
    const publish = bus.publish.bind(bus);
    bus.publish = (records) =>
      publishes-- > 0 ? publish(records) : Promise.reject(new BusUnavailable('no broker answers'));
  }

  it('notes each batch when the log has it', async () => {
    const { sent, notSent } = await run();
    expect([sent, notSent]).toEqual([{ count: 250, ids: ids(0, 250) }, []]);
    expect(bus.published.map(({ headers }) => headers['rollcall-redrive-of'])).toEqual(ids(0, 250));
    expect(recorded.map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  it('that stops half-way says what went, what may have gone, and what was not tried', async () => {
    takes(1);
    expect(await run()).toMatchObject({
      sent: { count: 100, ids: ids(0, 100) },
      notSent: [
        { why: 'unconfirmed', count: 100, ids: ids(100, 120) },
        { why: 'not_tried', count: 50, ids: ids(200, 220) },
      ],
    });
    expect(recorded).toEqual([ids(0, 100)]);
  });

  it('of which the log takes nothing is a problem', async () => {
    takes(0);
    await expect(run()).rejects.toMatchObject({ type: 'log-unavailable' });
    expect(recorded).toEqual([]);
  });

  it('whose history cannot be written was sent all the same', async () => {
    reader.recordRedrives = () => Promise.reject(new StateUnavailable('away'));
    expect(await run()).toMatchObject({ sent: { count: 100 }, notSent: [{ why: 'not_tried', count: 150 }] });
  });

  it('leaves out what was deleted meanwhile', async () => {
    reader.originals = (wanted) => Promise.resolve(wanted.filter((id) => id !== '7' && id !== '120').map(original));
    const { sent, notSent } = await run();
    expect([sent.count, notSent]).toEqual([248, [{ why: 'gone', count: 2, ids: ['7', '120'] }]]);
  });

  it('is one at a time, and the next may come when it is done, however it ended', async () => {
    takes(0);
    const first = run();
    await expect(run()).rejects.toMatchObject({ type: 'redrive-under-way' });
    await expect(first).rejects.toMatchObject({ type: 'log-unavailable' });
    await expect(run()).rejects.toMatchObject({ type: 'log-unavailable' });
  });

  it('ends with the batch in hand when the process stops', async () => {
    redriver.onModuleDestroy();
    expect(await run()).toMatchObject({ sent: { count: 100 }, notSent: [{ why: 'not_tried', count: 150 }] });
  });
});

describe('the text of a value', () => {
  const base64 = (text: string | readonly number[]) => Buffer.from(text as string).toString('base64');

  it.each<[string, string | null, boolean, string | null]>([
    ['nothing', null, false, null],
    ['an empty one', '', false, ''],
    ['text', base64('{"Küche": "\t\r\n"}'), false, '{"Küche": "\t\r\n"}'],
    ['a byte order mark', base64([0xef, 0xbb, 0xbf, 0x61]), false, '\uFEFFa'],
    ['bytes', base64([0xff, 0xfe]), false, null],
    ['a NUL', base64('a\0b'), false, null],
    ['half a character', base64([0x61, 0xe2, 0x82]), false, null],
    ['text cut amid a character', base64([0x61, 0xe2, 0x82]), true, 'a'],
    ['cut bytes', base64([0x61, 0xff, 0x61, 0x61, 0x61, 0x61]), true, null],
  ])('of %s', (_what, value, isCut, expected) => {
    expect(textOf(value, isCut)).toBe(expected);
  });
});

describe('a command that became a dead letter', () => {
  const letter = { id: eventId(99), reason: 'it threw', redriven: false };
  const outcome = (redriven: boolean, ...messages: Parameters<typeof journalOf>[0]) =>
    outcomeOf(stepsFrom(eventId(1), journalOf(messages)), { ...letter, redriven });

  it('has failed, and says as what', () => {
    expect(outcome(false)).toEqual({ status: 'failed', reason: `dead_letter: ${letter.id} (it threw)`, steps: [] });
  });

  it('is pending again once it was sent again', () => {
    expect(outcome(true)).toEqual({ status: 'pending', steps: [] });
  });

  it.each([true, false])('is what the journal makes of it once it was decided (redrive noted: %s)', (redriven) => {
    expect(outcome(redriven, registerNode(1))).toMatchObject({ status: 'pending' });
    const active = completed(2, { attempt: 1, version: 1 });
    expect(outcome(redriven, registerNode(1), active)).toMatchObject({ status: 'succeeded' });
  });
});
