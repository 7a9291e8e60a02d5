import { describe, expect, it } from '@jest/globals';
import { driftId } from '../../src/messages/index.js';
import { bucketOf } from '../../src/runtime/drift/bucket-of.js';
import type { AuditReport, RepairRequest } from '../../src/runtime/drift/drift-report.js';
import { SETTLING_MS } from '../../src/runtime/drift/judge-repairs.js';
import { id } from '../support/builders.js';
import { DriftWorld } from './drift-world.js';

const NEXT_MS = 30_000;

function request(change: Partial<RepairRequest> = {}): RepairRequest {
  return { id: id(900), backend: null, nodeId: null, drift: null, dryRun: false, force: false, ...change };
}

/** So many nodes, desired and held. */
function fleet(world: DriftWorld, count: number): readonly string[] {
  const nodes = Array.from({ length: count }, (_, n) => `node-${n}`);
  for (const nodeId of nodes) {
    world.store.desire(nodeId, 2);
    world.backend.holds.set(nodeId, 2);
  }
  return nodes;
}

/** How long an audit took. Milliseconds. */
function took(report: AuditReport | undefined): number {
  return Date.parse(report?.finishedAt ?? '') - Date.parse(report?.startedAt ?? '');
}

/** What makes `foreign-…` an id of the bucket. */
function nodeIn(bucket: number): number {
  for (let n = 0; ; n++) if (bucketOf(`foreign-${n}`) === bucket) return n;
}

/** Past the time in which a process that just began does not repair. */
async function settled(world: DriftWorld): Promise<void> {
  await world.after(0);
  await world.after(NEXT_MS);
}

describe('the drift audit', () => {
  it('finds nothing where both sides agree, and then compares next to nothing', async () => {
    const world = new DriftWorld();
    fleet(world, 20);
    const [first] = await world.after(0);
    expect(first).toMatchObject({ compared: 20, entries: 20, skippedBuckets: 0, findings: [], held: [], cutOff: null });
    expect(world.backend.compared).toHaveLength(256);

    const [second] = await world.after(NEXT_MS);
    expect(second).toMatchObject({ compared: 20, entries: 20, skippedBuckets: 254 });
    expect(world.store.digestsRead).toBe(1);
    expect(world.published).toEqual([]);
  });

  it('comes to every bucket in the course of time, whatever the marks say', async () => {
    const world = new DriftWorld();
    await world.after(0);
    world.backend.compared.length = 0;
    for (let audit = 0; audit < 128; audit++) await world.after(NEXT_MS);
    expect(new Set(world.backend.compared).size).toBe(256);
    expect(world.backend.compared).toHaveLength(256);
  });

  it('looks again, in the same audit, at a bucket that something found in a later one belongs to', async () => {
    const world = new DriftWorld();
    const [nodeId] = fleet(world, 1);
    const own = bucketOf(nodeId!);
    await settled(world);
    world.backend.compared.length = 0;
    world.backend.concerns.set(255, [own]);
    world.backend.holds.set(`foreign-${nodeIn(255)}`, 1);
    world.backend.meanwhile = (bucket) => bucket === 255 && world.backend.holds.set(nodeId!, 1);
    const [report] = await world.after(NEXT_MS);
    expect(world.backend.compared.filter((bucket) => bucket === own).length).toBeGreaterThan(0);
    expect(world.backend.compared.at(-1)).toBe(own);
    expect(report).toMatchObject({ compared: 1, counts: { altered: 1 } });
  });

  it('keeps to its interval', async () => {
    const world = new DriftWorld();
    expect(await world.after(0)).toHaveLength(1);
    expect(await world.after(NEXT_MS - 1)).toHaveLength(0);
    expect(await world.after(1)).toHaveLength(1);
  });

  it('rests between buckets, as long as a comparison took, and not where an operator waits', async () => {
    const world = new DriftWorld({ repair: 'manual' });
    world.backend.meanwhile = () => world.pass(2);
    const [first] = await world.after(0);
    expect(took(first)).toBe(256 * 2 * 2);
    world.store.requests.push(request());
    const [asked] = await world.after(1);
    expect(took(asked)).toBe(256 * 2);
  });

  it('asks the reducer to repair what differs, with what it judged by', async () => {
    const world = new DriftWorld();
    fleet(world, 10);
    await settled(world);
    world.backend.holds.delete('node-1');
    world.backend.holds.set('node-2', 1);
    world.backend.holds.set('ghost-1', 7);
    world.backend.holds.set('foreign-1', 1);
    const [report] = await world.after(NEXT_MS);
    expect(report).toMatchObject({ counts: { missing: 1, altered: 1, ghost: 1, foreign: 1 }, held: [] });
    expect([...world.asked].sort()).toEqual(['altered node-2', 'ghost ghost-1', 'missing node-1']);
    const ghost = world.messages.find(({ payload }) => payload.drift === 'ghost');
    expect(ghost).toMatchObject({
      eventId: driftId(report?.auditId ?? '', 'consul', 'ghost-1', 'rollcall-00/onex-effect-ghost-1'),
      correlationId: report?.auditId,
      causationId: null,
      sourceNodeId: 'rollcall',
      payload: { backend: 'consul', revision: null, foundRevision: 7, entry: { serviceId: 'onex-effect-ghost-1' } },
    });
    expect(world.published.every(({ topic }) => topic === 'evt.registry-drift-detected.v1')).toBe(true);
    expect(world.store.noted).toEqual([[report?.auditId, 3]]);
    expect(await world.metric('rollcall_drift_entries')).toEqual({
      'consul missing': 1,
      'consul altered': 1,
      'consul ghost': 1,
      'consul foreign': 1,
    });
    expect(await world.metric('rollcall_drift_repairs_total')).toMatchObject({ 'consul ghost': 1 });
  });

  it('looks again soon after repairs, and then has nothing to do', async () => {
    const world = new DriftWorld();
    fleet(world, 10);
    await settled(world);
    world.backend.holds.delete('node-1');
    await world.after(NEXT_MS);
    world.backend.holds.set('node-1', 2);
    const [again] = await world.after(5000);
    expect(again).toMatchObject({ counts: { missing: 0 } });
    expect(world.asked).toEqual(['missing node-1']);
    expect(await world.after(5000)).toEqual([]);
  });

  it('does not go over buckets with foreign entries again and again', async () => {
    const world = new DriftWorld();
    world.backend.holds.set('foreign-1', 1);
    await settled(world);
    const [report] = await world.after(NEXT_MS);
    expect(report).toMatchObject({ skippedBuckets: 254, counts: { foreign: 1 }, entries: 1 });
    expect(report?.findings).toMatchObject([{ nodeId: 'foreign-1' }]);
  });

  it('leaves out nodes whose intent is on its way, and those decided upon meanwhile', async () => {
    const world = new DriftWorld();
    fleet(world, 3);
    await settled(world);
    world.store.desire('node-0', 3, 2);
    world.backend.holds.delete('node-1');
    world.backend.meanwhile = (bucket) => {
      if (bucket === bucketOf('node-1')) world.store.desire('node-1', 3, 2);
    };
    const [report] = await world.after(NEXT_MS);
    expect(report).toMatchObject({ findings: [], counts: { missing: 0, altered: 0 } });
    expect(report?.unsettled).toBe(1);
    expect(world.published).toEqual([]);
  });
});

describe('repair waits', () => {
  it('at the start, until the process has been there for a moment', async () => {
    const world = new DriftWorld();
    fleet(world, 3);
    world.backend.holds.delete('node-0');
    expect(await world.after(0)).toMatchObject([{ held: [{ reason: 'settling', entries: 1 }] }]);
    expect(await world.after(SETTLING_MS - 1)).toEqual([]);
    expect(await world.after(1)).toMatchObject([{ held: [] }]);
    expect(world.asked).toEqual(['missing node-0']);
  });

  it('while the backend is away, and audits at once when it is back', async () => {
    const world = new DriftWorld();
    fleet(world, 3);
    await settled(world);
    world.backend.holds.delete('node-0');
    world.backend.serves = false;
    expect(await world.after(NEXT_MS)).toMatchObject([{ held: [{ reason: 'not_serving' }] }]);
    world.backend.serves = true;
    expect(await world.after(1)).toMatchObject([{ held: [{ reason: 'settling' }] }]);
    expect(await world.after(SETTLING_MS)).toMatchObject([{ held: [] }]);
    expect(world.asked).toEqual(['missing node-0']);
  });

  it('while the backend cannot be reached, which is tried again soon', async () => {
    const world = new DriftWorld();
    fleet(world, 3);
    await settled(world);
    world.backend.fails = new Error('connect ECONNREFUSED');
    expect(await world.after(NEXT_MS)).toMatchObject([{ cutOff: 'connect ECONNREFUSED', held: [] }]);
    world.backend.fails = null;
    world.backend.holds.clear();
    expect(await world.after(5000)).toMatchObject([{ cutOff: null, held: [{ reason: 'settling', entries: 3 }] }]);
    expect(await world.after(SETTLING_MS)).toMatchObject([{ held: [] }]);
    expect(world.asked).toHaveLength(3);
  });

  it.each([
    ['consumers have not read what was there', { committed: 9n, end: 10n }],
    ['the log cannot be reached', null],
  ])('while %s', async (_what, log) => {
    const world = new DriftWorld();
    fleet(world, 3);
    await settled(world);
    world.backend.holds.delete('node-0');
    world.log = log;
    expect(await world.after(NEXT_MS)).toMatchObject([{ held: [{ reason: 'behind' }] }]);
    world.log = { committed: 10n, end: 10n };
    expect(await world.after(SETTLING_MS)).toMatchObject([{ held: [] }]);
  });

  it('not for consumers that came to the end while the audit ran', async () => {
    const world = new DriftWorld();
    fleet(world, 3);
    await settled(world);
    world.backend.holds.delete('node-0');
    world.log = { committed: 9n, end: 10n };
    world.backend.meanwhile = () => (world.log = { committed: 10n, end: 12n });
    expect(await world.after(NEXT_MS)).toMatchObject([{ held: [] }]);
  });

  it('while there is no record, with everything in the backend', async () => {
    const world = new DriftWorld();
    world.backend.holds.set('ghost-1', 1);
    await settled(world);
    expect(await world.after(SETTLING_MS)).toMatchObject([{ held: [{ reason: 'no_record' }] }]);
    expect(world.published).toEqual([]);
  });

  it('for a second look where everything is gone, then brings it back at the pace allowed', async () => {
    const world = new DriftWorld({ repairsPerSecond: 100 });
    fleet(world, 250);
    await settled(world);
    world.backend.holds.clear();
    expect(await world.after(NEXT_MS)).toMatchObject([{ held: [{ reason: 'many_missing', entries: 250 }] }]);
    expect(world.published).toEqual([]);
    const sizes: number[] = [];
    world.onPublish = () => sizes.push(world.published.length);
    expect(await world.after(SETTLING_MS)).toMatchObject([{ held: [] }]);
    expect(sizes).toEqual([100, 200, 250]);
  });

  it('for an operator where the record looks old, and says so', async () => {
    const world = new DriftWorld();
    for (const nodeId of fleet(world, 100)) world.backend.holds.set(nodeId, 1);
    world.backend.holds.set('node-0', 3);
    await settled(world);
    expect(world.store.reports.at(-1)).toMatchObject({
      held: [
        { reason: 'too_many_differ', entries: 99 },
        { reason: 'newer_than_desired', entries: 1 },
      ],
    });
    expect(await world.metric('rollcall_drift_held')).toEqual({ consul: 1 });
    world.store.requests.push(request({ force: true }));
    await world.after(1);
    expect(world.asked).toHaveLength(100);
  });

  it('stops half-way where the lead is lost', async () => {
    const world = new DriftWorld({ repairsPerSecond: 10 });
    const nodes = fleet(world, 200);
    await settled(world);
    for (const nodeId of nodes.slice(0, 30)) world.backend.holds.delete(nodeId);
    world.onPublish = () => (world.leads = world.published.length < 20);
    await world.after(NEXT_MS);
    expect(world.published).toHaveLength(20);
    expect(world.store.noted.at(-1)?.[1]).toBe(20);
    expect(await world.after(NEXT_MS)).toEqual([]);
    expect(await world.metric('rollcall_drift_entries')).toEqual({});
  });
});

describe('a request of an operator', () => {
  async function damaged(options = {}): Promise<DriftWorld> {
    const world = new DriftWorld(options);
    fleet(world, 10);
    await settled(world);
    world.backend.holds.delete('node-1');
    world.backend.holds.set('node-2', 1);
    return world;
  }

  it('is done at once, and compares everything', async () => {
    const world = await damaged({ repair: 'manual' });
    world.backend.compared.length = 0;
    world.store.requests.push(request());
    await world.after(1);
    expect(world.backend.compared).toHaveLength(256);
    expect(world.store.outcomes.get(id(900))).toEqual([
      { backend: 'consul', compared: 10, matching: 2, repairs: 2, held: [], cutOff: null },
    ]);
    expect(world.messages.map(({ correlationId }) => correlationId)).toEqual([id(900), id(900)]);
  });

  it('only looks in a dry run, and the next audit comes as if nobody had asked', async () => {
    const world = await damaged();
    world.store.requests.push(request({ dryRun: true }));
    await world.after(NEXT_MS - 1);
    expect(world.store.outcomes.get(id(900))).toMatchObject([{ matching: 2, repairs: 2 }]);
    expect(world.published).toEqual([]);
    await world.after(1);
    expect(world.published).toHaveLength(2);
  });

  it('is about what it says', async () => {
    const world = await damaged({ repair: 'manual' });
    world.backend.compared.length = 0;
    world.store.requests.push(request({ nodeId: 'node-2' }), request({ id: id(901), drift: 'missing' }));
    world.store.requests.push(request({ id: id(902), backend: 'postgres' }));
    await world.after(1);
    expect(world.asked).toEqual(['altered node-2', 'missing node-1']);
    expect(world.backend.compared).toContain(bucketOf('node-2'));
    expect(world.store.outcomes.get(id(902))).toEqual([]);
  });

  it('tells what stays held, which only force overrules', async () => {
    const world = await damaged();
    world.backend.holds.set('node-3', 9);
    world.store.requests.push(request({ nodeId: 'node-3' }));
    await world.after(1);
    expect(world.store.outcomes.get(id(900))).toMatchObject([
      { matching: 1, repairs: 0, held: [{ reason: 'newer_than_desired', entries: 1 }] },
    ]);
  });

  it('asks with the same ids when another leader begins it anew', async () => {
    const world = await damaged();
    world.store.requests.push(request());
    await world.after(1);
    world.store.outcomes.clear();
    await world.after(1);
    const ids = world.messages.map(({ eventId }) => eventId);
    expect([ids.length, new Set(ids).size]).toEqual([4, 2]);
  });
});

describe('a round', () => {
  it('does nothing where another process leads', async () => {
    const world = new DriftWorld();
    world.leads = false;
    expect(await world.after(0)).toEqual([]);
    expect(world.backend.compared).toEqual([]);
  });

  it('gives the lead back where the store fails', async () => {
    const world = new DriftWorld();
    world.store.fails = new Error('connection terminated');
    await expect(world.after(0)).rejects.toThrow('connection terminated');
    expect(world.released).toBe(1);
  });
});
