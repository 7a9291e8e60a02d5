import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Admin, Consumer } from 'kafkajs';
import { Registry } from 'prom-client';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { TopicNames } from '../../src/messages/index.js';
import { createLog } from '../../src/runtime/index.js';
import { createKafka } from '../../src/runtime/kafka/kafka-client.js';
import { Publisher } from '../../src/runtime/kafka/publisher.js';
import { recordsOf } from '../../src/runtime/kafka/records.js';
import { DeadLetterLane } from '../../src/runtime/lanes/dead-letter-lane.js';
import { takeIn } from '../../src/runtime/lanes/intake.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { encode } from '../../src/messages/index.js';
import { introspection } from '../support/builders.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { createTopics } from '../support/topics.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type TestApi } from './test-app.js';

const log = createLog('silent');
const TOPIC = 'evt.node-introspection.v1';

/** What comes by the topic is refused, and the refusal stored, by way of real topics; until the test says that it is mended. */
class Line {
  readonly names = new TopicNames(uniqueName('redrive'));
  readonly handled: LogRecord[] = [];
  mended = false;
  /** Offsets: Kafka may bring a record twice. */
  private readonly taken = new Set<string>();
  private admin!: Admin;
  private publisher!: Publisher;
  private consumer!: Consumer;
  private happened: () => void = () => undefined;

  async open(state: StateDatabase): Promise<void> {
    const kafka = createKafka(addressOf('kafka').split(','), 'redrive', log);
    this.admin = kafka.admin();
    await this.admin.connect();
    await createTopics(
      this.admin,
      this.topics.map((topic) => ({ topic, numPartitions: 1 })),
    );
    this.publisher = new Publisher(kafka, this.names);
    await this.publisher.connect();
    const lane = new DeadLetterLane({ database: state.database, log, metrics: new RuntimeMetrics(new Registry()) });
    this.consumer = kafka.consumer({ groupId: uniqueName('redrive'), maxWaitTimeInMs: 100 });
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: this.topics, fromBeginning: true });
    await this.consumer.run({
      eachBatch: async ({ batch }) => {
        const records = recordsOf(this.names, batch);
        if (batch.topic === this.names.full('dlq.v1')) await lane.handle(records);
        else await this.refuse(records);
        this.happened();
      },
    });
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
    await this.publisher.close();
    await this.admin.deleteTopics({ topics: this.topics });
    await this.admin.disconnect();
  }

  readonly publish: Publisher['publish'] = (records) => this.publisher.publish(records);

  /** Resolves once `isSo`, which is asked after every batch. */
  async until(isSo: () => Promise<boolean> | boolean): Promise<void> {
    for (;;) {
      const next = new Promise<void>((resolve) => (this.happened = resolve));
      if (await isSo()) return;
      await next;
    }
  }

  private get topics(): string[] {
    return [this.names.full(TOPIC), this.names.full('dlq.v1')];
  }

  private async refuse(records: readonly LogRecord[]): Promise<void> {
    const fresh = records.filter(({ offset }) => !this.taken.has(offset));
    const { received, deadLetters } = takeIn(fresh, () => (this.mended ? null : 'out of order'), 'rollcall');
    await this.publish(deadLetters);
    this.handled.push(...received.map(({ record }) => record));
    for (const { offset } of fresh) this.taken.add(offset);
  }
}

describeStack('dead letters that are sent again', ['kafka', 'postgres'], () => {
  const line = new Line();
  let state: StateDatabase;
  let api: TestApi;
  let nodeId: string;

  beforeAll(async () => {
    state = await createStateDatabase();
    await line.open(state);
    api = await startApi(state.database, { topicPrefix: line.names.prefix });
    api.bus.publish = async (records) => {
      await line.publish(records);
    };
  });
  beforeEach(() => {
    nodeId = uniqueName('node');
    line.mended = false;
    line.handled.length = 0;
  });
  afterAll(async () => {
    await api.close();
    await line.close();
    await state.drop();
  });

  const list = async (query = '') => {
    const { body } = await api.request(`/v1/dead-letters?nodeId=${nodeId}${query}`);
    return DOCUMENTS.DeadLetterPage.parse(body).items;
  };
  const one = async (id: string) =>
    DOCUMENTS.DeadLetterDetail.parse((await api.request(`/v1/dead-letters/${id}`)).body);
  const storedAre = (count: number) => line.until(async () => (await list()).length === count);
  const byFilter = async (body: object = {}, filter: object = {}) => {
    const answer = await api.request('/v1/dead-letters/redrive', json({ filter: { nodeId, ...filter }, ...body }));
    expect(answer.status).toBe(202);
    return DOCUMENTS.RedriveReport.parse(answer.body);
  };
  const post = (id: string, what: 'redrive' | 'release', body: object = {}) =>
    api.request(`/v1/dead-letters/${id}/${what}`, json(body));

  /** Appends well-formed messages, and waits for their dead letters. Gives the ids, the oldest first. */
  async function refused(count: number): Promise<string[]> {
    for (let n = 1; n <= count; n++) {
      const message = { ...introspection(n, { nodeId }), eventId: randomUUID() };
      await line.publish([
        { topic: TOPIC, key: nodeId, value: encode(message), headers: { own: 'header', list: ['a', 'b'] } },
      ]);
    }
    await storedAre(count);
    return (await list()).map(({ id }) => id).reverse();
  }

  it('a dry run, which it is unless told otherwise, says what would be sent, and sends nothing', async () => {
    const ids = await refused(3);
    await state.database.pool.query('update dead_letters set value_truncated = true where id = $1', [ids[1]]);
    const found = { dryRun: true, matched: 3, moreMatch: false };
    expect(await byFilter({ limit: 1 })).toMatchObject({
      ...found,
      sent: { count: 1, ids: [ids[0]] },
      notSent: [
        { why: 'truncated', count: 1, ids: [ids[1]] },
        { why: 'over_limit', count: 1, ids: [ids[2]] },
      ],
    });
    expect(await byFilter({ dryRun: true })).toMatchObject({ ...found, sent: { count: 2, ids: [ids[0], ids[2]] } });
    expect((await list()).map(({ redrives }) => redrives)).toEqual([0, 0, 0]);
    expect(await byFilter({}, { reasonContains: 'something else' })).toMatchObject({ matched: 0, sent: { count: 0 } });
  });

  it('what is handled then leaves its letter and the history of it', async () => {
    const [first = '', second = ''] = await refused(2);
    line.mended = true;
    const requestId = randomUUID();
    const byId = await api.request(`/v1/dead-letters/${first}/redrive`, {
      method: 'POST',
      headers: { 'x-correlation-id': requestId },
    });
    expect([byId.status, byId.body]).toEqual([202, { id: first, requestId }]);
    const report = await byFilter({ dryRun: false });
    expect(report).toMatchObject({ dryRun: false, matched: 1, sent: { count: 1, ids: [second] }, notSent: [] });
    await line.until(() => line.handled.length === 2);
    expect(line.handled.map(({ key, headers }) => [key?.toString(), headers])).toEqual(
      [first, second].map((id) => [nodeId, { own: 'header', list: ['a', 'b'], 'rollcall-redrive-of': id }]),
    );
    const history = { redrivenAt: expect.any(String), requestedFrom: '127.0.0.1', forced: false };
    expect(await one(first)).toMatchObject({ successors: [], redrives: [{ ...history, how: 'id', requestId }] });
    expect((await one(second)).redrives).toEqual([{ ...history, how: 'filter', requestId: report.requestId }]);
    expect(line.handled[0]?.value?.toString()).toBe((await one(first)).originalText);
    expect(await byFilter({ dryRun: false })).toMatchObject({ matched: 0, sent: { count: 0 } });
    expect(await list()).toHaveLength(2);
  });

  it('what fails again knows where it comes from, and only the newest of its line is sent', async () => {
    const [root = ''] = await refused(1);
    await byFilter({ dryRun: false });
    await storedAre(2);
    const [second] = await list();
    expect(second).toMatchObject({ rootId: root, attempt: 2, quarantined: false, redrives: 0 });
    const { id = '' } = second ?? {};
    expect((await one(id)).redriveOf).toBe(root);
    expect((await one(root)).successors).toEqual([
      { id, attempt: 2, occurredAt: second?.occurredAt, quarantined: false, redriveOf: root },
    ]);
    expect(await byFilter({}, { redriven: 'any' })).toMatchObject({
      matched: 2,
      sent: { ids: [id] },
      notSent: [{ why: 'superseded', ids: [root] }],
    });
  });

  it('what fails too often is in quarantine, until it is released or forced', async () => {
    const [root = ''] = await refused(1);
    for (const count of [2, 3, 4]) {
      expect((await byFilter({ dryRun: false })).sent.count).toBe(1);
      await storedAre(count);
    }
    const newest = async () => (await list('&quarantined=true')).map(({ id, attempt }) => ({ id, attempt }));
    const [fourth] = await newest();
    expect(await newest()).toEqual([{ id: fourth?.id, attempt: 4 }]);
    const counted = /^rollcall_dead_letters_stored [1-9]\d*\n[^]*^rollcall_dead_letters_quarantined 1$/m;
    // Who reads the metrics waits for the count no longer than a second.
    await until(async () => counted.test((await api.request('/metrics')).text), { what: 'the count in the metrics' });
    expect(await byFilter({ dryRun: false })).toMatchObject({
      sent: { count: 0 },
      notSent: [{ why: 'quarantined', count: 1, ids: [fourth?.id] }],
    });
    for (const id of [root, fourth?.id ?? '']) {
      const { status, body } = await post(id, 'redrive');
      expect([status, DOCUMENTS.Problem.parse(body).type]).toEqual([409, '/problems/dead-letter-quarantined']);
      expect((await one(id)).lineQuarantined).toBe(true);
    }
    expect((await post(fourth?.id ?? '', 'redrive', { force: true })).status).toBe(202);
    await storedAre(5);
    const [fifth] = await newest();
    expect(await newest()).toEqual([{ id: fifth?.id, attempt: 5 }]);
    expect((await one(fourth?.id ?? '')).redrives).toMatchObject([{ how: 'id', forced: true }]);
    for (const released of [[fifth?.id], []]) {
      const { status, body } = await post(root, 'release');
      expect([status, DOCUMENTS.DeadLetterRelease.parse(body)]).toEqual([200, { id: root, released }]);
    }
    expect((await one(fifth?.id ?? '')).lineQuarantined).toBe(false);
    line.mended = true;
    expect((await byFilter({ dryRun: false })).sent.ids).toEqual([fifth?.id]);
    await line.until(() => line.handled.length === 1);
    expect(await list()).toHaveLength(5);
  });

  it('an emptied table has nothing to show and nothing to send', async () => {
    const [id = ''] = await refused(1);
    await byFilter({ dryRun: false });
    await storedAre(2);
    await state.database.pool.query('truncate dead_letters cascade');
    expect(await byFilter({ dryRun: false })).toMatchObject({ matched: 0, sent: { count: 0 }, notSent: [] });
    expect(await list()).toEqual([]);
    for (const what of ['redrive', 'release'] as const) {
      const { status, body } = await post(id, what);
      expect([status, DOCUMENTS.Problem.parse(body).type]).toEqual([404, '/problems/dead-letter-not-found']);
    }
    const { status } = await api.request('/v1/dead-letters/17/release', { method: 'POST' });
    expect([status, (await post(id, 'release', { force: true })).status]).toEqual([400, 400]);
  });

  describe('is refused', () => {
    const filter = {};
    it.each<[string, unknown, readonly string[]]>([
      ['without a body', undefined, ['body']],
      ['without a filter', {}, ['filter']],
      ['with unknown fields', { filter: { topic: 'x' }, force: true }, ['filter.topic', 'force']],
      ['with a wrong cause', { filter: { cause: 'bad_luck' } }, ['filter.cause']],
      [
        'with wrong times',
        { filter: { occurredFrom: 1, occurredTo: 'now' } },
        ['filter.occurredFrom', 'filter.occurredTo'],
      ],
      ['with a wrong limit', { filter, limit: 1001 }, ['limit']],
      ['with a limit of none', { filter, limit: 0 }, ['limit']],
      ['with texts for yes and no', { filter: { quarantined: 'no' }, dryRun: 'no' }, ['filter.quarantined', 'dryRun']],
      ['with another word for redriven', { filter: { redriven: 'always' } }, ['filter.redriven']],
    ])('%s', async (_what, body, fields) => {
      const init = body === undefined ? { method: 'POST' } : json(body);
      const { status, body: answer } = await api.request('/v1/dead-letters/redrive', init);
      const problem = DOCUMENTS.Problem.parse(answer);
      expect([status, problem.type]).toEqual([400, '/problems/validation']);
      expect(problem.errors?.map(({ field }) => field)).toEqual(fields);
    });
  });
});
