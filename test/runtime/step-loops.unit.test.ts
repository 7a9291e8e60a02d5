import { beforeEach, describe, expect, it } from '@jest/globals';
import { encode, headersOf, type Input } from '../../src/messages/index.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import type { Sent } from '../../src/runtime/lanes/local-delivery.js';
import { completed, consulHolds, introspection, NODE } from '../support/builders.js';
import { byHand, turn, type ByHand } from '../support/local-log.js';
import { recordOf } from '../support/machines.js';
import { StepLoopWorld } from '../support/step-loop-world.js';

const inPartition = (partition: number, message: Input): LogRecord => ({ ...recordOf(message), partition });
const nodeIn = (partition: number, nodeId: string, n = 1) => inPartition(partition, introspection(n, { nodeId }));

/** A result as an effect of the same process publishes it. */
function result({ appendedAt: _, ...sent }: Input): Sent {
  return {
    ...{ topic: 'evt.registry-effect-result.v1', key: NODE, value: encode(sent), headers: headersOf(sent) },
    message: sent,
  };
}

describe('the step loops of a process', () => {
  let world: StepLoopWorld;
  /** Stores that the test ends, by the nodes that they are about; the others end at once. */
  let hanging: Map<string, ByHand>;
  let settled: string[];

  beforeEach(() => {
    world = new StepLoopWorld({ readsHere: true });
    hanging = new Map();
    settled = [];
    world.onStore = (nodeIds) => hanging.get(nodeIds.join(' '))?.promise ?? Promise.resolve();
  });

  function hang(...nodeIds: readonly string[]): ByHand {
    const store = byHand();
    hanging.set(nodeIds.join(' '), store);
    return store;
  }

  const handle = (name: string, ...records: readonly LogRecord[]) =>
    world.handle(records).then(
      () => settled.push(name),
      (error: unknown) => settled.push(`${name} ${(error as Error).name}`),
    );
  const decidedNow = () => world.wanted.map(({ inputs }) => inputs.map(({ nodeId }) => nodeId).join(' '));

  /** As many as are worth a transaction of their own. */
  const many = (partition: number, prefix: string) =>
    Array.from({ length: 32 }, (_, n) => nodeIn(partition, `${prefix}-${n}`, n + 1));
  const namesOf = (prefix: string) => Array.from({ length: 32 }, (_, n) => `${prefix}-${n}`);

  it('are one where there is little to do: what comes meanwhile is the next transaction, whatever its partitions', async () => {
    const store = hang('a');
    const all = [handle('a', nodeIn(0, 'a'))];
    await turn();
    all.push(handle('b', nodeIn(1, 'b')), handle('c', nodeIn(2, 'c')), handle('d', nodeIn(1, 'd')));
    await turn();
    expect(decidedNow()).toEqual(['a']);
    store.resolve();
    await Promise.all(all);
    expect(decidedNow()).toEqual(['a', 'b d c']);
    expect(settled.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('go on side by side where there is much: one partition does not wait for the store of another', async () => {
    const store = hang('a');
    const first = handle('a', nodeIn(0, 'a'));
    await turn();
    const second = handle('few', nodeIn(1, 'b'));
    await turn();
    expect(decidedNow()).toEqual(['a']);
    const hanging = hang(...namesOf('m'));
    const third = handle('many', ...many(2, 'm'));
    await turn();
    // The one that has all shares in hand is waited for.
    expect(decidedNow()).toEqual(['a']);
    store.resolve();
    await Promise.all([first, second]);
    expect(decidedNow()).toEqual(['a', 'b', namesOf('m').join(' ')]);
    expect(settled).toEqual(['a', 'few']);
    hanging.resolve();
    await third;
  });

  it('share what is much by partition, each in one transaction and in its order', async () => {
    await handle('all', nodeIn(1, 'a'), ...many(2, 'm'), nodeIn(1, 'c'), nodeIn(2, 'd'), nodeIn(1, 'e'));
    expect(decidedNow()).toEqual(['a c e', [...namesOf('m'), 'd'].join(' ')]);
    expect(settled).toEqual(['all']);
  });

  it('keep the order of a node, whichever machine its messages are for and whichever way they come', async () => {
    world.standing.partitionOf = () => 1;
    const store = hang(NODE);
    const all = [handle('introspection', nodeIn(1, NODE))];
    await turn();
    await world.standing.delivery.publish([result(consulHolds(2, 1))]);
    all.push(handle('progress', inPartition(1, completed(3, { attempt: 1, version: 1 }))));
    await turn();
    expect(decidedNow()).toEqual([NODE]);
    store.resolve();
    await Promise.all(all);
    expect(settled).toEqual(['introspection', 'progress']);
    expect(world.storage.journal.map(({ machine, eventType }) => `${machine} ${eventType}`)).toEqual([
      'orchestrator NODE_INTROSPECTION',
      'reducer NODE_REGISTRATION_INITIATED',
      'reducer CONSUL_REGISTERED',
      'orchestrator REGISTRATION_PARTIAL',
      'orchestrator REGISTRATION_COMPLETED',
    ]);
  });

  it('where one fails, are all waited for before the messages come again', async () => {
    const store = hang(...namesOf('m'));
    world.refuses = (nodeIds) => (nodeIds.includes('a') ? new Error('connection refused') : null);
    const delivered = handle('both', nodeIn(0, 'a'), ...many(1, 'm'));
    await turn();
    expect([decidedNow(), settled]).toEqual([['a', namesOf('m').join(' ')], []]);
    store.resolve();
    await delivered;
    expect(settled).toEqual(['both LaneUnavailable']);
    expect(world.storage.journal.map(({ nodeId }) => nodeId)).toContain('m-0');
  });
});
