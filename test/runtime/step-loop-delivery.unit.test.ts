import { describe, expect, it } from '@jest/globals';
import { encode, headersOf, type Input } from '../../src/messages/index.js';
import { LaneUnavailable, type OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import type { Sent } from '../../src/runtime/lanes/local-delivery.js';
import {
  consulHolds,
  deadlinePassed,
  at,
  completed,
  initiated,
  introspection,
  NODE,
  postgresHolds,
} from '../support/builders.js';
import { reducer, refusing } from '../support/both-machines.js';
import { byHand, turn, type ByHand } from '../support/local-log.js';
import { messageIn, recordOf } from '../support/machines.js';
import { StepLoopWorld } from '../support/step-loop-world.js';

const INITIATED = 'evt.node-registration-initiated.v1';
const RESULTS = 'evt.registry-effect-result.v1';

const nodeNamed = (nodeId: string, n: number) => recordOf(introspection(n, { nodeId }));

/** A result as an effect of the same process publishes it. */
function result({ appendedAt: _, ...sent }: Input): Sent {
  return { topic: RESULTS, key: NODE, value: encode(sent), headers: headersOf(sent), message: sent };
}

/** What another process has published where this one does. */
function somebodyElses(nodeId: string): OutgoingRecord {
  return {
    topic: INITIATED,
    key: nodeId,
    value: encode(initiated(9, { attempt: 9, version: 1, nodeId })),
    headers: {},
  };
}

/** A loop whose publishes end when the test says so, named by the nodes that they are about. */
function publishingByHand() {
  const world = new StepLoopWorld();
  const publishes = new Map<string, ByHand>();
  world.onPublish = (nodeIds) => {
    const publish = byHand();
    publishes.set(nodeIds.join(' '), publish);
    return publish.promise;
  };
  const settled: string[] = [];
  const handle = (...nodeIds: readonly string[]) =>
    world.handle(nodeIds.map((nodeId, index) => nodeNamed(nodeId, index + 1))).then(
      () => settled.push(nodeIds.join(' ')),
      (error: unknown) => settled.push(`${nodeIds.join(' ')} ${(error as Error).name}`),
    );
  return { world, publishes, settled, handle };
}

describe('while one batch is published', () => {
  it('the next is decided and stored, and published behind it; one after that waits', async () => {
    const { world, publishes, settled, handle } = publishingByHand();
    const { order } = world;
    const all = [handle('a')];
    await turn();
    all.push(handle('b'));
    await turn();
    all.push(handle('c'));
    await turn();
    expect(order).toEqual(['stored 1', 'published 1', 'stored 1']);
    publishes.get('a')!.resolve();
    await turn();
    expect(order.slice(3).toSorted()).toEqual(['decided a', 'published 1', 'stored 1']);
    expect([[...publishes.keys()], settled]).toEqual([['a', 'b'], ['a']]);
    publishes.get('b')!.resolve();
    await turn();
    publishes.get('c')!.resolve();
    await Promise.all(all);
    expect([[...publishes.keys()], settled]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  it('and fails, the one behind it is published all the same, and only the first comes again', async () => {
    const { world, publishes, settled, handle } = publishingByHand();
    const all = [handle('a')];
    await turn();
    all.push(handle('b'));
    await turn();
    publishes.get('a')!.reject(new Error('no broker'));
    await turn();
    publishes.get('b')!.resolve();
    await Promise.all(all);
    expect(settled).toEqual(['a LaneUnavailable', 'b']);
    const again = handle('a');
    await turn();
    publishes.get('a')!.resolve();
    await again;
    expect(world.order.slice(-3)).toEqual([
      'published 1',
      'decided a',
      expect.stringMatching(/^began orchestrator a /),
    ]);
  });

  it('what comes together is one batch, in its order', async () => {
    const { world, publishes, settled, handle } = publishingByHand();
    const first = handle('a');
    const [second, third] = [handle('b', 'c'), handle('d')];
    await turn();
    publishes.get('a')!.resolve();
    await turn();
    publishes.get('b c d')!.resolve();
    await Promise.all([first, second, third]);
    expect(settled).toEqual(['a', 'b c', 'd']);
    expect(world.order.filter((line) => line.startsWith('stored'))).toEqual(['stored 1', 'stored 3']);
  });
});

describe('what the loop publishes and this process reads', () => {
  it('is taken in the same transaction by the machine that it is for, and its copy is passed over', async () => {
    const world = new StepLoopWorld({ readsHere: true });
    await world.handle([recordOf(introspection(1))]);
    expect(world.order.slice(0, 2)).toEqual(['stored 2', 'published 3']);
    expect(world.storage.journal.map(({ machine, rule }) => `${machine} ${rule}`)).toEqual([
      'orchestrator begin_attempt',
      'reducer desire_record',
    ]);
    const copies = world.standing.read(INITIATED);
    expect(copies).toHaveLength(1);
    expect(await world.standing.delivery.unseen(copies)).toEqual([]);
  });

  it('goes by way of the log where it was stored and could not be published: nothing is lost, nothing decided twice', async () => {
    const world = new StepLoopWorld({ readsHere: true });
    const { standing, storage } = world;
    const record = recordOf(introspection(1));
    world.outage.broker = new Error('no broker');
    await expect(world.handle([record])).rejects.toBeInstanceOf(LaneUnavailable);
    expect(storage.journal).toHaveLength(2);
    world.outage.broker = null;
    await world.handle([record]);
    const copies = await standing.delivery.unseen(standing.read(INITIATED));
    expect(copies).toHaveLength(1);
    await world.handle(copies, reducer);
    expect(world.published.map(({ topic }) => topic)).toEqual([INITIATED, 'intent.consul.v1', 'intent.postgres.v1']);
    expect(storage.journal).toHaveLength(2);
  });

  it('is left to whoever reads it, where that is another process', async () => {
    const world = new StepLoopWorld();
    await world.handle([recordOf(introspection(1))]);
    expect(world.order.slice(0, 2)).toEqual(['stored 1', 'published 1']);
    const copies = world.standing.read(INITIATED);
    expect(await world.standing.delivery.unseen(copies)).toEqual(copies);
  });

  it('is asked of both machines at the store, and only a deadline marker makes it look at deadlines', async () => {
    const world = new StepLoopWorld({ readsHere: true });
    await world.handle([recordOf(introspection(1))]);
    await world.handle([
      recordOf(completed(2, { attempt: 1, version: 1 })),
      recordOf(deadlinePassed(40, 'ack', at(31))),
    ]);
    expect(world.wanted.map(({ machines, looksAtDeadlines }) => [machines, looksAtDeadlines])).toEqual([
      [['orchestrator', 'reducer'], false],
      [['orchestrator', 'reducer'], true],
    ]);
  });

  it('leads from one result to the next step without a way through the log', async () => {
    const world = new StepLoopWorld({ readsHere: true });
    const { delivery } = world.standing;
    await world.handle([recordOf(introspection(1))]);
    await delivery.publish([result(consulHolds(2, 1)), result(postgresHolds(3, 1))]);
    expect(await delivery.unseen(world.standing.read(RESULTS))).toEqual([]);
    expect(world.storage.rowOf('orchestrator', NODE)?.state?.status).toBe('awaiting_ack');
    expect(world.published.map(messageIn).at(-1)?.eventType).toBe('NODE_REGISTRATION_ACCEPTED');
  });

  it('is read from the log where what was handed over could not be stored', async () => {
    const world = new StepLoopWorld({ readsHere: true });
    const { delivery } = world.standing;
    world.outage.database = new Error('connection refused');
    await delivery.publish([result(consulHolds(2, 1))]);
    const copies = world.standing.read(RESULTS);
    expect(await delivery.unseen(copies)).toEqual(copies);
  });

  it('is a dead letter with its own place in the log where its handler fails, and what led to it stands', async () => {
    const world = new StepLoopWorld({ readsHere: true, reducer: refusing });
    world.standing.append([somebodyElses('node-2')]);
    await world.handle([recordOf(introspection(1))]);
    expect(await world.standing.delivery.unseen(world.standing.read(INITIATED, 0, 1))).toEqual([]);
    expect(world.storage.journal.map(({ rule }) => rule)).toEqual(['begin_attempt']);
    const letters = world.published.filter(({ topic }) => topic === 'dlq.v1').map(messageIn);
    expect(letters.map(({ payload }) => payload)).toMatchObject([
      { originalTopic: `dev.onex.${INITIATED}`, originalOffset: '1', cause: 'rejected_by_handler', nodeId: NODE },
    ]);
  });

  it('stays in the log while too many wait', async () => {
    const world = new StepLoopWorld({ readsHere: true });
    const record = nodeNamed('busy', 1);
    world.onPublish = (nodeIds) => (nodeIds.includes('busy') ? byHand().promise : Promise.resolve());
    void world.handle([record]);
    await turn();
    void world.handle([record]);
    await turn();
    void world.handle(Array.from({ length: 10_001 }, () => record));
    await world.standing.delivery.publish([result(consulHolds(2, 1))]);
    const copies = world.standing.read(RESULTS);
    expect(await world.standing.delivery.unseen(copies)).toEqual(copies);
  });
});
