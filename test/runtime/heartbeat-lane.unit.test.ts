import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { encode, type Input, type TopicSuffix } from '../../src/messages/index.js';
import type { NotExtended, Sign } from '../../src/runtime/journal/extend-deadlines.js';
import { HeartbeatLane } from '../../src/runtime/lanes/heartbeat-lane.js';
import { IntrospectionRequests } from '../../src/runtime/lanes/introspection-requests.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { at, correlation, deadlinePassed, heartbeat, id, NODE } from '../support/builders.js';
import { machineNamed, messageIn, REGISTRY_ID } from '../support/machines.js';

const TOPIC: TopicSuffix = 'evt.node-heartbeat.v1';

function recordOf(message: Input, nodeId: string = NODE): LogRecord {
  const { appendedAt, ...sent } = message;
  const named = { ...sent, payload: { ...sent.payload, nodeId } } as typeof sent;
  return {
    topic: TOPIC,
    topicName: `dev.onex.${TOPIC}`,
    partition: 0,
    offset: message.eventId.slice(-3),
    key: Buffer.from(nodeId),
    value: Buffer.from(encode(named)),
    headers: { traceparent: '00-trace-span-01' },
    appendedAt,
  };
}

const beat = (n: number, nodeId?: string): LogRecord => recordOf(heartbeat(n), nodeId);
const marker = (n: number, nodeId?: string): LogRecord => recordOf(deadlinePassed(n, 'liveness', at(n)), nodeId);
const RUBBISH: LogRecord = { ...beat(99), value: Buffer.from('rubbish') };

/** A lane over a dictionary of states; nodes that are not in it are active. What fails is said by name. */
class Bench {
  readonly states = new Map<string, string | null>();
  readonly order: string[] = [];
  readonly published: OutgoingRecord[] = [];
  readonly registry = new Registry();
  readonly asked: (readonly string[])[] = [];
  failing: 'extend' | 'decide' | 'publish' | null = null;
  now = 0;
  /** Awaited within every statement. */
  gate: Promise<void> = Promise.resolve();

  readonly lane = new HeartbeatLane({
    machine: machineNamed('orchestrator'),
    extend: async (statuses, signs) => {
      this.asked.push(statuses);
      await this.gate;
      this.fail('extend');
      this.order.push(`extend ${signs.map(({ nodeId, at: when }) => `${nodeId}@${secondsOf(when)}`).join(' ')}`);
      return this.notExtended(signs);
    },
    decide: (records) => {
      this.order.push(`decide ${records.map(({ key }) => key?.toString()).join(' ')}`);
      return this.failing === 'decide' ? Promise.reject(new Error('decide fails')) : Promise.resolve();
    },
    publish: (records) => {
      if (this.failing === 'publish') return Promise.reject(new Error('publish fails'));
      this.order.push(`publish ${records.map(({ topic, key }) => `${topic} ${String(key)}`).join(', ')}`);
      this.published.push(...records);
      return Promise.resolve([]);
    },
    requests: new IntrospectionRequests(() => this.now),
    metrics: new RuntimeMetrics(this.registry),
  });

  async counted(outcome: string): Promise<number> {
    const metric = await this.registry.getSingleMetric('rollcall_heartbeats_total')?.get();
    return metric?.values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
  }

  private notExtended(signs: readonly Sign[]): readonly NotExtended[] {
    return signs.flatMap(({ nodeId }) => {
      const status = this.states.get(nodeId);
      return status === undefined ? [] : [{ nodeId, status }];
    });
  }

  private fail(what: typeof this.failing): void {
    if (this.failing === what) throw new Error(`${what} fails`);
  }
}

function secondsOf(time: number): number {
  return (time - Date.parse(at(0))) / 1000;
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('the lane of heartbeats', () => {
  it('makes one sign a node of many beats, with the time of the last', async () => {
    await bench.lane.handle([beat(1, 'a'), beat(2, 'b'), beat(3, 'a'), beat(4, 'a')]);
    expect(bench.order).toEqual(['extend a@4 b@2']);
    expect([await bench.counted('coalesced'), await bench.counted('extended')]).toEqual([2, 2]);
  });

  it('extends in the one state where the table allows it', async () => {
    await bench.lane.handle([beat(1)]);
    expect(bench.asked).toEqual([['active']]);
  });

  it('keeps the order of beats and markers of one node', async () => {
    await bench.lane.handle([beat(1, 'a'), marker(2, 'a'), beat(3, 'a'), beat(4, 'b'), marker(5, 'c')]);
    expect(bench.order).toEqual(['extend a@1 b@4', 'decide c', 'decide a', 'extend a@3']);
  });

  it('gathers while a statement runs, and one statement serves all who came meanwhile', async () => {
    let open = (): void => undefined;
    bench.gate = new Promise((resolve) => (open = resolve));
    const handled = [
      bench.lane.handle([beat(1, 'a')]),
      bench.lane.handle([beat(2, 'a')]),
      bench.lane.handle([beat(3, 'b')]),
    ];
    open();
    await Promise.all(handled);
    expect(bench.order).toEqual(['extend a@1', 'extend a@2 b@3']);
  });

  it('reads beats that are written in another way than ours, all the same', async () => {
    const { value, ...others } = beat(1, 'a');
    const indented = Buffer.from(JSON.stringify(JSON.parse(String(value)), null, 2));
    await bench.lane.handle([{ ...others, value: indented }, beat(2, 'a'), beat(3, 'b')]);
    expect(bench.order).toEqual(['extend a@2 b@3']);
  });

  it('reads many in slices, between which others have their turn, and keeps their order', async () => {
    const turns: number[] = [];
    const other = setImmediate(() => turns.push(bench.order.length));
    const many = Array.from({ length: 2500 }, (_, n) => beat(1, `node-${n}`));
    await Promise.all([
      bench.lane.handle([...many, beat(2, 'node-0'), marker(3, 'node-0')]),
      bench.lane.handle([beat(4, 'node-0')]),
    ]);
    clearImmediate(other);
    expect(turns).toEqual([1]);
    expect(bench.order.at(0)?.split(' ')).toHaveLength(1001);
    expect(await bench.counted('extended')).toBeGreaterThanOrEqual(2501);
    const ofNode = bench.order.filter((entry) => / node-0(@|$| )/.test(entry)).map((entry) => entry.slice(0, 6));
    expect(ofNode).toEqual(['extend', 'extend', 'decide', 'extend']);
  });

  it('asks for no more in one statement than it takes', async () => {
    let open = (): void => undefined;
    bench.gate = new Promise((resolve) => (open = resolve));
    const first = bench.lane.handle([beat(1, 'first')]);
    const many = Promise.all(
      Array.from({ length: 9 }, (_, part) =>
        bench.lane.handle(Array.from({ length: 1000 }, (__, n) => beat(2, `node-${part}-${n}`))),
      ),
    );
    open();
    await Promise.all([first, many]);
    expect(bench.order.map((entry) => entry.split(' ').length - 1)).toEqual([1, 4000, 4000, 1000]);
  });

  it('makes a dead letter of what it cannot read, and goes on', async () => {
    await bench.lane.handle([RUBBISH, beat(1)]);
    expect(bench.order).toEqual([`extend ${NODE}@1`, `publish dlq.v1 ${NODE}`]);
    expect(messageIn(bench.published[0]!)).toMatchObject({ eventType: 'DEAD_LETTER', payload: { cause: 'malformed' } });
  });
});

describe('a beat of a node that is not registered', () => {
  it.each([
    ['unknown_node', null],
    ['terminal', 'liveness_expired'],
    ['terminal', 'deregistered'],
    ['terminal', 'rejected'],
  ])('(%s, %s) is counted, and answered by a request', async (reason, status) => {
    bench.states.set(NODE, status);
    await bench.lane.handle([beat(1)]);
    expect(await bench.counted(reason)).toBe(1);
    expect(await bench.counted('extended')).toBe(0);
    expect(bench.published).toHaveLength(1);
    expect(bench.published[0]).toMatchObject({
      topic: 'evt.registry-request-introspection.v1',
      key: NODE,
      headers: { traceparent: '00-trace-span-01' },
    });
    expect(messageIn(bench.published[0]!)).toEqual({
      eventId: expect.any(String),
      eventType: 'REGISTRY_REQUEST_INTROSPECTION',
      eventTimestamp: at(1),
      sourceNodeId: REGISTRY_ID,
      correlationId: correlation(1),
      causationId: id(1),
      payload: { nodeId: NODE, targetNodeId: NODE },
    });
  });

  it.each([
    ['too_early', 'pending_registration'],
    ['too_early', 'awaiting_ack'],
    ['duplicate', 'active'],
  ])('(%s, %s) is only counted where it would help nobody to ask', async (reason, status) => {
    bench.states.set(NODE, status);
    await bench.lane.handle([beat(1)]);
    expect(await bench.counted(reason)).toBe(1);
    expect(bench.published).toEqual([]);
  });

  it('is answered once in a while only', async () => {
    bench.states.set(NODE, null);
    await bench.lane.handle([beat(1)]);
    await bench.lane.handle([beat(2)]);
    expect(bench.published).toHaveLength(1);
    bench.now = 60_000;
    await bench.lane.handle([beat(3)]);
    expect(bench.published).toHaveLength(2);
  });

  it('is one of at most 50 that are answered together', async () => {
    const beats = Array.from({ length: 80 }, (_, n) => beat(n + 1, `node-${n}`));
    for (const { key } of beats) bench.states.set(String(key), null);
    await bench.lane.handle(beats);
    expect(bench.published).toHaveLength(50);
    expect(await bench.counted('unknown_node')).toBe(80);
  });
});

describe('when the world fails', () => {
  const BATCH = [beat(1, 'a'), beat(2, 'unknown'), marker(3, 'a'), RUBBISH];

  it.each(['extend', 'decide', 'publish'] as const)(
    '%s: nothing may be committed, and a redelivery does it all',
    async (what) => {
      bench.states.set('unknown', null);
      bench.failing = what;
      const failure = bench.lane.handle(BATCH);
      await expect(failure).rejects.toBeInstanceOf(LaneUnavailable);
      await expect(failure).rejects.toMatchObject({ message: `heartbeats: ${what} fails`, retryAfterMs: 1000 });
      expect(bench.published).toEqual([]);
      bench.failing = null;
      bench.order.length = 0;
      await bench.lane.handle(BATCH);
      expect(bench.order).toEqual([
        'extend a@1 unknown@2',
        'decide a',
        `publish dlq.v1 ${NODE}, evt.registry-request-introspection.v1 unknown`,
      ]);
    },
  );

  it('works on nothing that came behind what failed: not on the rest of a delivery, either', async () => {
    const many = Array.from({ length: 1500 }, (_, n) => beat(1, `node-${n}`));
    bench.failing = 'extend';
    const failures = [bench.lane.handle([...many, marker(2, 'node-0')]), bench.lane.handle([marker(3, 'node-1')])];
    const outcomes = await Promise.allSettled([
      failures[0],
      Promise.resolve(failures[0]).catch(() => (bench.failing = null)),
    ]);
    expect(outcomes[0]?.status).toBe('rejected');
    await failures[1];
    expect(bench.order).toEqual(['decide node-1']);
  });

  it('sends the same request and dead letter again, to the byte, when the commit was lost', async () => {
    bench.states.set('unknown', null);
    await bench.lane.handle(BATCH);
    bench.now = 60_000;
    await bench.lane.handle(BATCH);
    const [letter, request, ...again] = bench.published;
    expect(again).toEqual([letter, request]);
  });

  it('answers a copy of a beat, which has a time of its own, by a request of its own', async () => {
    bench.states.set('unknown', null);
    await bench.lane.handle([beat(2, 'unknown')]);
    bench.now = 60_000;
    await bench.lane.handle([{ ...beat(2, 'unknown'), offset: '900', appendedAt: Date.parse(at(70)) }]);
    const [first, second] = bench.published.map((record) => messageIn(record));
    expect(second?.eventTimestamp).not.toBe(first?.eventTimestamp);
    expect(second?.eventId).not.toBe(first?.eventId);
  });
});
