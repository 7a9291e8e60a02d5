import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { SNAPSHOT_STATES, TopicNames } from '../../src/messages/index.js';
import { Database } from '../../src/runtime/journal/database.js';
import { stateMigrations } from '../../src/runtime/journal/migrations/index.js';
import { snapshotStates } from '../../src/runtime/journal/snapshot-states.js';
import { snapshotSweeps } from '../../src/runtime/journal/snapshot-sweeps.js';
import type { OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { SnapshotSweep } from '../../src/runtime/snapshots/snapshot-sweep.js';
import { createDatabase, describeStack, until, type TestDatabase } from '../support/stack.js';
import { presentState } from './snapshot-world.js';

const TOPIC = 'dev.onex.snapshot.node-registrations.v1';
const NODES = 1200;

describeStack('the first filling of a topic of snapshots', ['postgres'], () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await createDatabase();
    const options = { name: 'state', url: server.url, migrations: stateMigrations, connections: 4 };
    database = new Database({ ...options, log: pino({ level: 'silent' }) });
    await database.ready;
    const status = (index: number): string => (index % 10 === 9 ? 'deregistered' : (SNAPSHOT_STATES[index % 3] ?? ''));
    const rows = Array.from({ length: NODES }, (_, index) => {
      const nodeId = `node-${String(index).padStart(4, '0')}`;
      return { nodeId, status: status(index), state: JSON.stringify(presentState(nodeId, 3)) };
    });
    await database.pool.query(
      `insert into machine_states (machine, node_id, version, status, state, updated_at)
       select 'orchestrator', r."nodeId", 3, r.status, r.state, clock_timestamp()
       from json_to_recordset($1::json) as r("nodeId" text, status text, state text)`,
      [JSON.stringify(rows)],
    );
    await database.pool.query(
      `insert into machine_states (machine, node_id, version, status, state, updated_at)
       values ('reducer', 'other', 1, 'active', '{}', clock_timestamp())`,
    );
  });
  afterEach(async () => {
    await database.pool.query('truncate snapshot_sweeps');
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  /** A sweep on a log that only counts; `publish` may fail. */
  function sweepOn(log: OutgoingRecord[], publish: () => Promise<void> = () => Promise.resolve()) {
    return new SnapshotSweep({
      store: snapshotSweeps(database),
      transport: {
        publish: async (records) => {
          await publish();
          log.push(...records);
          return [];
        },
        progress: () => Promise.resolve([{ partition: 0, end: BigInt(log.length), committed: 0n }]),
      },
      names: new TopicNames('dev.onex'),
      registryId: 'rollcall',
      log: pino({ level: 'silent' }),
      metrics: new RuntimeMetrics(new Registry()),
    });
  }

  const isDone = async (): Promise<boolean> =>
    (await database.pool.query('select from snapshot_sweeps where topic = $1 and finished_at is not null', [TOPIC]))
      .rowCount === 1;

  async function sweep(log: OutgoingRecord[]): Promise<void> {
    const sweeping = sweepOn(log);
    sweeping.start();
    await until(isDone, { what: 'the end of the sweep' });
    await sweeping.close();
  }

  it('tells of every node that takes part, once', async () => {
    const log: OutgoingRecord[] = [];
    await sweep(log);
    expect(log).toHaveLength(NODES * 0.9);
    expect(new Set(log.map(({ key }) => key)).size).toBe(log.length);
    expect(log.every(({ value, headers }) => value !== null && headers['workflow_version'] === '3')).toBe(true);
    await sweep(log);
    expect(log).toHaveLength(NODES * 0.9);
  });

  it('goes on where it was, after whoever died or was refused', async () => {
    const log: OutgoingRecord[] = [];
    let pages = 0;
    const first = sweepOn(log, () => (++pages > 1 ? Promise.reject(new Error('Kafka is away')) : Promise.resolve()));
    first.start();
    await until(() => pages > 1, { what: 'the second page' });
    await first.close();
    expect(log).toHaveLength(500);
    expect(await isDone()).toBe(false);
    // Its claim has run out.
    await database.pool.query(`update snapshot_sweeps set claimed_until = clock_timestamp() - interval '1 s'`);
    await sweep(log);
    expect(log).toHaveLength(NODES * 0.9);
  });

  it('is shared: a page that another process has in hand is left to it', async () => {
    const store = snapshotSweeps(database);
    await store.begin(TOPIC, 0n);
    const claim = await store.claim(TOPIC);
    expect(claim).toMatchObject({ after: '' });
    expect(await store.claim(TOPIC)).toBe('elsewhere');
    const id = typeof claim === 'string' ? '' : claim.id;
    await store.advance(TOPIC, '00000000-0000-4000-8000-000000000000', 'node-9');
    expect(await store.claim(TOPIC)).toBe('elsewhere');
    await store.advance(TOPIC, id, 'node-5');
    expect(await store.claim(TOPIC)).toMatchObject({ after: 'node-5' });
  });

  it('begins anew where the topic was made anew', async () => {
    const log: OutgoingRecord[] = [];
    await sweep(log);
    const another: OutgoingRecord[] = [];
    const sweeping = sweepOn(another);
    sweeping.start();
    await until(() => another.length === NODES * 0.9, { what: 'the nodes in the other topic' });
    await until(isDone, { what: 'its end' });
    await sweeping.close();
  });

  /** The topic is filled, at the start of a registry without nodes. */
  async function filledWithNothing() {
    const store = snapshotSweeps(database);
    await store.begin(TOPIC, 0n);
    const claim = await store.claim(TOPIC);
    await store.finish(TOPIC, typeof claim === 'string' ? '' : claim.id, 0n);
    expect(await store.claim(TOPIC)).toBe('finished');
    return store;
  }

  it('fills a topic that was made anew, also where the first one was filled before there was a node', async () => {
    await filledWithNothing();
    const log: OutgoingRecord[] = [];
    const sweeping = sweepOn(log);
    sweeping.start();
    await until(() => log.length === NODES * 0.9, { what: 'the nodes in the other topic' });
    await until(isDone, { what: 'its end' });
    await sweeping.close();
  });

  it('remembers how far the topic has come at each start, and not only when it was filled', async () => {
    const store = await filledWithNothing();
    await store.begin(TOPIC, 7n);
    expect(await store.claim(TOPIC)).toBe('finished');
    await store.begin(TOPIC, 3n);
    expect(await store.claim(TOPIC)).toMatchObject({ after: '' });
  });

  it('reads states as the lane needs them', async () => {
    const store = snapshotStates(database);
    const asked = ['node-0000', 'node-0009', 'nobody', 'other'];
    expect(await store.levels(asked)).toEqual(
      new Map([
        ['node-0000', { version: 3, isPresent: true }],
        ['node-0009', { version: 3, isPresent: false }],
      ]),
    );
    const nodes = [...(await store.nodes(asked))].sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
    expect(nodes).toEqual([
      { nodeId: 'node-0000', version: 3, state: presentState('node-0000', 3) },
      { nodeId: 'node-0009', version: 3, state: null },
    ]);
  });
});
