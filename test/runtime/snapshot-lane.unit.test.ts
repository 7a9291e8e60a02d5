import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SNAPSHOT_TOPIC } from '../../src/messages/index.js';
import { LaneUnavailable } from '../../src/runtime/lanes/lane.js';
import { CHANGES, Projector, readToTheEnd, settled, SnapshotWorld } from './snapshot-world.js';

/** One projector, all of whose gates open by themselves. */
async function keep(world: SnapshotWorld, projector = new Projector(world)): Promise<Projector> {
  await readToTheEnd(world, projector);
  return projector;
}

const versions = (world: SnapshotWorld): readonly string[] =>
  world.log[SNAPSHOT_TOPIC].map(
    ({ key, value, headers }) =>
      `${String(key)} ${String(headers['workflow_version'])}${value === null ? ' gone' : ''}`,
  );

describe('the lane of snapshots', () => {
  it('tells each node once, as it is now, however many events there are', async () => {
    const world = new SnapshotWorld();
    for (const nodeId of ['a', 'b', 'a', 'a']) world.change(nodeId, true);
    await keep(world);
    expect(versions(world)).toEqual(['a 3', 'b 1']);
    expect(world.wrong).toEqual([]);
  });

  it('buries who takes no part any more', async () => {
    const world = new SnapshotWorld();
    world.change('a', true);
    const projector = await keep(world);
    world.change('a', false);
    await keep(world, projector);
    world.change('a', true);
    await keep(world, projector);
    expect(versions(world)).toEqual(['a 1', 'a 2 gone', 'a 3']);
  });

  it('does not tell the same twice, as long as it remembers', async () => {
    const world = new SnapshotWorld();
    world.change('a', true);
    const projector = await keep(world);
    world.append({ topic: CHANGES, key: 'a', value: '{}', headers: {} });
    await keep(world, projector);
    expect(versions(world)).toEqual(['a 1']);
    world.append({ topic: CHANGES, key: 'a', value: '{}', headers: {} });
    await keep(world);
    expect(versions(world)).toEqual(['a 1', 'a 1']);
    const [one, other] = world.log[SNAPSHOT_TOPIC].map(({ value }) => String(value));
    expect(one).toBe(other);
  });

  it('follows an old record, whoever wrote it and died, with what is so', async () => {
    const world = new SnapshotWorld();
    world.change('a', true);
    const slow = new Projector(world);
    slow.deliver(CHANGES);
    await settled();
    slow.gates.shift()?.open(); // it has read version 1, and hangs
    await settled();
    world.change('a', true);
    const other = await keep(world);
    slow.kill(true); // and what it sent arrives
    expect(versions(world)).toEqual(['a 2', 'a 1']);
    await keep(world, other);
    expect(versions(world)).toEqual(['a 2', 'a 1', 'a 2']);
    expect(world.wrong).toEqual([]);
  });

  it('replaces what is no record of ours, and lets keys be that no node can have', async () => {
    const world = new SnapshotWorld();
    world.change('a', true);
    const projector = await keep(world);
    world.append({ topic: SNAPSHOT_TOPIC, key: 'a', value: null, headers: {} });
    world.append({ topic: SNAPSHOT_TOPIC, key: 'stranger', value: 'hello', headers: {} });
    world.append({ topic: SNAPSHOT_TOPIC, key: 'no node id', value: 'hello', headers: {} });
    world.append({ topic: CHANGES, key: null, value: '{}', headers: {} });
    await keep(world, projector);
    expect(versions(world).slice(-2)).toEqual(['a 1', 'stranger 0 gone']);
    expect(world.folded.get('a')).toEqual({ version: 1, isPresent: true });
  });

  it('leaves what is ahead of its own states, and says so: two registries would never end', async () => {
    const world = new SnapshotWorld();
    world.change('a', true);
    const projector = await keep(world);
    world.append({ topic: SNAPSHOT_TOPIC, key: 'a', value: '{}', headers: { workflow_version: '9' } });
    world.append({ topic: SNAPSHOT_TOPIC, key: 'b', value: '{}', headers: { workflow_version: '1' } });
    await keep(world, projector);
    expect(world.log[SNAPSHOT_TOPIC]).toHaveLength(3);
    expect(projector.lines).toEqual([expect.objectContaining({ nodes: 2, example: 'a' })]);
  });

  it('commits nothing while states cannot be read or nothing can be published', async () => {
    for (const passed of [0, 1]) {
      const world = new SnapshotWorld();
      world.change('a', true);
      const projector = new Projector(world);
      projector.deliver(CHANGES);
      await settled();
      for (let gate = 0; gate < passed; gate += 1) {
        projector.gates.shift()?.open();
        await settled();
      }
      projector.gates.shift()?.lose();
      await settled();
      expect(projector.failure).toBeInstanceOf(LaneUnavailable);
      expect(world.committed[CHANGES]).toBe(0);
      await keep(world, projector);
      expect(world.wrong).toEqual([]);
    }
  });
});

type Act =
  | { readonly kind: 'change'; readonly node: number; readonly isPresent: boolean }
  | { readonly kind: 'deliver'; readonly process: number; readonly isChanges: boolean }
  | { readonly kind: 'open'; readonly process: number; readonly gate: number }
  | { readonly kind: 'lose'; readonly process: number; readonly gate: number }
  | { readonly kind: 'kill'; readonly process: number; readonly arrives: boolean };

const which = fc.nat(1);
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    {
      arbitrary: fc.record({ kind: fc.constant('change' as const), node: fc.nat(2), isPresent: fc.boolean() }),
      weight: 4,
    },
    {
      arbitrary: fc.record({ kind: fc.constant('deliver' as const), process: which, isChanges: fc.boolean() }),
      weight: 5,
    },
    { arbitrary: fc.record({ kind: fc.constant('open' as const), process: which, gate: fc.nat(3) }), weight: 8 },
    { arbitrary: fc.record({ kind: fc.constant('lose' as const), process: which, gate: fc.nat(3) }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant('kill' as const), process: which, arrives: fc.boolean() }), weight: 1 },
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

/**
 * Two processes at once, with more freedom than a consumer group leaves them: both may have the same records in hand, and hang, fail or die
 * between any two of their reads and publishes. Then a third one reads what is not committed. What the topic says in the end.
 */
async function race(script: readonly Act[], readsBack: boolean): Promise<readonly string[]> {
  const world = new SnapshotWorld();
  const projectors = [new Projector(world, readsBack), new Projector(world, readsBack)];
  for (const act of script) {
    if (act.kind === 'change') world.change(`node-${act.node}`, act.isPresent);
    else {
      const projector = projectors[act.process]!;
      if (act.kind === 'deliver') projector.deliver(act.isChanges ? CHANGES : SNAPSHOT_TOPIC);
      else if (act.kind === 'kill') {
        projector.kill(act.arrives);
        projectors[act.process] = new Projector(world, readsBack);
      } else {
        const [gate] = projector.gates.splice(Math.min(act.gate, projector.gates.length - 1), 1);
        gate?.[act.kind]();
      }
    }
    await settled();
  }
  for (const projector of projectors) projector.kill(true);
  await readToTheEnd(world, new Projector(world, readsBack));
  return world.wrong;
}

describe('whatever two processes do to each other', () => {
  const RUNS = { numRuns: 400, seed: 28 };

  it('the last record of every node is the node as it is', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (script) => expect(await race(script, true)).toEqual([])),
      RUNS,
    );
  });

  it('is found wrong where the topic is not read back', async () => {
    const details = await fc.check(
      fc.asyncProperty(acts, async (script) => (await race(script, false)).length === 0),
      { ...RUNS, endOnFailure: true },
    );
    expect(details.failed).toBe(true);
  });
});
