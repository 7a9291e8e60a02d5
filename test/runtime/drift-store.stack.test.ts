import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { bucketOf } from '../../src/runtime/drift/bucket-of.js';
import type { AuditReport } from '../../src/runtime/drift/drift-report.js';
import { driftStore, type DriftStore } from '../../src/runtime/journal/drift-store.js';
import { driftToDecide } from '../../src/runtime/journal/drift-to-decide.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { id as uuid } from '../support/builders.js';
import { describeStack } from '../support/stack.js';

const AT = ['2026-11-21T08:00:00.000Z', '2026-11-21T08:00:01.000Z', '2026-11-21T08:01:00.000Z'] as const;

function report(change: Partial<AuditReport> = {}): AuditReport {
  return {
    auditId: uuid(1),
    backend: 'consul',
    startedAt: AT[0],
    finishedAt: AT[1],
    compared: 3,
    entries: 2,
    unsettled: 1,
    skippedBuckets: 250,
    counts: { missing: 1, altered: 0, ghost: 1, foreign: 0 },
    findings: [
      { nodeId: 'node-1', drift: 'missing', revision: 4, foundRevision: null, differences: [], entry: null },
      {
        nodeId: 'node-2',
        drift: 'ghost',
        revision: null,
        foundRevision: 2,
        differences: [],
        entry: { consulNode: 'rollcall-0a', serviceId: 'onex-compute-node-2', serviceName: 'onex-compute' },
      },
    ],
    cutOff: null,
    held: [{ reason: 'manual', entries: 2 }],
    repairs: 0,
    ...change,
  };
}

describeStack('what the drift audit reads and writes', ['postgres'], () => {
  let state: StateDatabase;
  let store: DriftStore;

  beforeAll(async () => {
    state = await createStateDatabase();
    store = driftStore(state.database.pool);
  });
  beforeEach(() =>
    state.database.pool.query('truncate machine_states, journal, drift_findings, drift_status, drift_repairs'),
  );
  afterAll(() => state.drop());

  async function seed(nodeId: string, version: number, desired: unknown = { revision: version }): Promise<void> {
    await state.database.pool.query(
      `insert into machine_states (machine, node_id, version, status, state, updated_at)
       values ('reducer', $1, $2, 'complete', $3, now()), ('orchestrator', $1, 99, 'active', '{}', now())`,
      [nodeId, version, JSON.stringify({ desired, consul: { confirmed: version }, postgres: { confirmed: 0 } })],
    );
  }

  const stored = async () =>
    (
      await state.database.pool.query(
        'select node_id, entry_name, drift, first_seen_at, last_seen_at from drift_findings order by node_id',
      )
    ).rows;

  it('puts nodes into the same buckets as their Consul nodes are', async () => {
    const nodes = ['node-1', 'a', 'Z.9_-', 'x'.repeat(255)];
    for (const [index, nodeId] of nodes.entries()) await seed(nodeId, index + 1);
    for (const [index, nodeId] of nodes.entries()) {
      const rows = await store.desired(bucketOf(nodeId));
      expect(rows.filter((row) => row.nodeId === nodeId)).toEqual([
        {
          nodeId,
          version: index + 1,
          desired: { revision: index + 1 },
          confirmed: { consul: index + 1, postgres: 0 },
        },
      ]);
      expect((await store.versions(bucketOf(nodeId))).get(nodeId)).toBe(index + 1);
    }
  });

  it('has another digest for a bucket in which the reducer took a step, and for no other', async () => {
    await seed('node-1', 1);
    await seed('node-2', 1, null);
    const before = await store.digests();
    expect(before).toHaveLength(256);
    await state.database.pool.query(`update machine_states set version = 2 where node_id = 'node-1'`);
    const after = await store.digests();
    const changed = after.flatMap((digest, bucket) => (digest === before[bucket] ? [] : [bucket]));
    expect(changed).toEqual([bucketOf('node-1')]);
    expect((await store.desired(bucketOf('node-2')))[0]?.desired).toBeNull();
  });

  it('reads a bucket by its index', async () => {
    const client = await state.database.pool.connect();
    try {
      await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain select node_id from machine_states
         where machine = 'reducer' and get_byte(sha256(node_id::bytea), 0) = 7`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('machine_states_by_bucket');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('lets a heartbeat stay in its page', async () => {
    await seed('node-1', 1);
    const client = await state.database.pool.connect();
    try {
      // Counted for the session until it tells the server of them.
      const inPlace = async () =>
        (
          await client.query<{ count: number }>(
            `select pg_stat_get_xact_tuples_hot_updated('machine_states'::regclass)::int as count`,
          )
        ).rows[0]?.count ?? 0;
      await client.query('begin');
      const before = await inPlace();
      await client.query(
        `update machine_states set deadline_at = now(), last_heartbeat_at = now()
         where machine = 'orchestrator' and node_id = 'node-1'`,
      );
      expect((await inPlace()) - before).toBe(1);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('keeps when a finding was first seen, and forgets what a whole audit does not see again', async () => {
    await store.writeAudit(report());
    expect(await stored()).toMatchObject([
      { node_id: 'node-1', entry_name: '', drift: 'missing', first_seen_at: new Date(AT[0]) },
      { node_id: 'node-2', entry_name: 'rollcall-0a/onex-compute-node-2', drift: 'ghost' },
    ]);
    const later = { auditId: uuid(2), startedAt: AT[2], finishedAt: AT[2] };
    const [first] = report().findings;
    if (first === undefined) throw new Error('the report has findings');
    await store.writeAudit(report({ ...later, findings: [first], cutOff: 'Consul does not answer' }));
    expect((await stored()).map(({ node_id: id }) => id)).toEqual(['node-1', 'node-2']);
    await store.writeAudit(report({ ...later, auditId: uuid(3), findings: [first] }));
    expect(await stored()).toMatchObject([
      { node_id: 'node-1', first_seen_at: new Date(AT[0]), last_seen_at: new Date(AT[2]) },
    ]);
    await store.writeAudit(report({ ...later, auditId: uuid(4), findings: [{ ...first, drift: 'altered' }] }));
    expect(await stored()).toMatchObject([{ drift: 'altered', first_seen_at: new Date(AT[2]) }]);
  });

  it('touches nothing that another backend has', async () => {
    await store.writeAudit(report());
    await store.writeAudit(report({ backend: 'postgres', auditId: uuid(5), findings: [] }));
    expect(await stored()).toHaveLength(2);
  });

  it('tells what an operator has to decide, since when', async () => {
    await store.writeAudit(report());
    await store.writeAudit(report({ auditId: uuid(2), startedAt: AT[2], finishedAt: AT[2] }));
    expect(await driftToDecide(state.database.pool)).toEqual([
      {
        backend: 'consul',
        reason: 'manual',
        entries: 2,
        heldSince: AT[1],
        text: expect.stringContaining('DRIFT_REPAIR'),
      },
    ]);
    await store.writeAudit(report({ held: [{ reason: 'settling', entries: 2 }] }));
    expect(await driftToDecide(state.database.pool)).toEqual([]);
    await store.noteRepairs('consul', uuid(9), 7);
    await store.noteRepairs('consul', report().auditId, 2);
    const { rows } = await state.database.pool.query('select repairs from drift_status');
    expect(rows).toEqual([{ repairs: 2 }]);
  });

  it('gives out the oldest request until it is done, and no other meanwhile', async () => {
    expect(await store.nextRepair()).toBeNull();
    await state.database.pool.query(
      `insert into drift_repairs (id, backend, node_id, drift, dry_run, force, requested_at)
       values ($1, 'consul', 'node-1', 'ghost', true, false, now()), ($2, null, null, null, false, true, now() - interval '1 s'),
         ($3, null, null, null, false, false, now() - interval '8 days')`,
      [uuid(1), uuid(2), uuid(3)],
    );
    await store.finishRepair(uuid(3), []);
    const second = { id: uuid(2), backend: null, nodeId: null, drift: null, dryRun: false, force: true };
    expect(await store.nextRepair()).toEqual(second);
    expect(await store.nextRepair()).toEqual(second);
    await store.finishRepair(uuid(2), [
      { backend: 'consul', compared: 1, matching: 1, repairs: 1, held: [], cutOff: null },
    ]);
    expect(await store.nextRepair()).toMatchObject({ id: uuid(1), nodeId: 'node-1', drift: 'ghost', dryRun: true });
    const { rows } = await state.database.pool.query('select id, state from drift_repairs order by requested_at');
    expect(rows).toEqual([
      { id: uuid(2), state: 'done' },
      { id: uuid(1), state: 'running' },
    ]);
  });

  it('says where the journal ends', async () => {
    expect(await store.journalEnd()).toBe('0');
    await state.database.pool.query(
      `insert into journal (machine, node_id, event_id, version, event_type, input, rule, from_status, path, to_status,
         outputs, correlation_id, occurred_at, contract_version)
       values ('reducer', 'node-1', $1, 1, 'X', '{}', 'x', 'none', 'none', 'none', '[]', $1, now(), '1')`,
      [uuid(1)],
    );
    expect(Number(await store.journalEnd())).toBeGreaterThan(0);
  });
});
