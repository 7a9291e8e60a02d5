import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { encode, topicOf, type Input, type MessageType } from '../../src/messages/index.js';
import { UnstorableData, type Written } from '../../src/runtime/journal/journal.js';
import type { LoadedRows } from '../../src/runtime/journal/rows.js';
import type { EffectHandler, EffectOutcome } from '../../src/runtime/lanes/effect.js';
import { EffectLane } from '../../src/runtime/lanes/effect-lane.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { MachineLane } from '../../src/runtime/lanes/machine-lane.js';
import type { Timings } from '../../src/runtime/lanes/step.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { HandlerRegistry } from '../../src/runtime/routing/handler-registry.js';
import { HandlerRouting } from '../../src/runtime/routing/handler-routing.js';
import { becameActive, completed, ghostFound, id, initiated, introspection, NODE, T0 } from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { machineNamed, messageIn, REGISTRY_ID, Storage, taken } from '../support/machines.js';
import { TIMINGS } from '../support/workflow.js';

const log = pino({ level: 'silent' });
let nextOffset = 0;

function recordOf(message: Input): LogRecord {
  const { appendedAt, ...sent } = message;
  const topic = topicOf(message.eventType as Exclude<MessageType, 'DEADLINE_PASSED'>);
  return {
    topic,
    topicName: `dev.onex.${topic}`,
    partition: 0,
    offset: String(nextOffset++),
    key: Buffer.from(message.payload.nodeId ?? ''),
    value: Buffer.from(encode(sent)),
    headers: {},
    appendedAt,
  };
}

const RUBBISH: LogRecord = {
  topic: 'evt.node-introspection.v1',
  topicName: 'dev.onex.evt.node-introspection.v1',
  partition: 3,
  offset: '77',
  key: null,
  value: Buffer.from('rubbish'),
  headers: {},
  appendedAt: 0,
};

/** A lane of the orchestrator that writes down in which order it stores, publishes, and lets deadlines begin. */
function orchestratorLane(refuses: (nodeIds: readonly string[]) => Error | null = () => null, pace: Timings = TIMINGS) {
  const order: string[] = [];
  const published: OutgoingRecord[] = [];
  const storage = new Storage();
  const outage = { broker: null as Error | null, count: null as Error | null, deadlines: null as Error | null };
  const lane = new MachineLane({
    machine: machineNamed('orchestrator'),
    journal: {
      countNodes: () => Promise.resolve(0),
      transact: <D extends Written>(
        _machine: string,
        inputs: readonly { readonly nodeId: string }[],
        decide: (loaded: LoadedRows) => D,
      ): Promise<D> => {
        const refusal = refuses(inputs.map(({ nodeId }) => nodeId));
        if (refusal !== null) return Promise.reject(refusal);
        const decided = decide(storage.load());
        storage.keep(decided);
        order.push(`stored ${decided.entries.length}`);
        return Promise.resolve(decided);
      },
      startDeadlines: (machine, announced) => {
        if (outage.deadlines !== null) return Promise.reject(outage.deadlines);
        order.push(`began ${machine} ${announced.map(({ nodeId, eventId }) => `${nodeId} ${eventId}`).join(' ')}`);
        return Promise.resolve();
      },
    },
    publish: (records) => {
      if (outage.broker !== null) return Promise.reject(outage.broker);
      order.push(`published ${records.length}`);
      published.push(...records);
      return Promise.resolve();
    },
    decided: (nodeIds) => order.push(`decided ${nodeIds.join(' ')}`),
    timings: () => (outage.count === null ? Promise.resolve(pace) : Promise.reject(outage.count)),
    log,
    metrics: new RuntimeMetrics(new Registry()),
  });
  return { lane, order, published, outage };
}

function nodeNamed(nodeId: string, n: number): Input<'NODE_INTROSPECTION'> {
  return introspection(n, { nodeId });
}

describe('the lane of a machine', () => {
  it('stores before it publishes, and is done only then', async () => {
    const { lane, order } = orchestratorLane();
    await lane.handle([recordOf(introspection(1))]);
    expect(order).toEqual(['stored 1', 'published 1', `decided ${NODE}`]);
  });

  it('writes the dead letter with the outputs, before the offset may move', async () => {
    const { lane, published, outage } = orchestratorLane();
    outage.broker = new Error('no broker');
    await expect(lane.handle([RUBBISH])).rejects.toBeInstanceOf(LaneUnavailable);
    expect(published).toEqual([]);
    outage.broker = null;
    await lane.handle([RUBBISH, recordOf(introspection(1))]);
    expect(published.map(({ topic }) => topic)).toEqual(['dlq.v1', 'evt.node-registration-initiated.v1']);
    expect(messageIn(published[0]!).payload).toMatchObject({ cause: 'malformed', originalOffset: '77' });
  });

  it('after a publish that failed, publishes what it stored, to the byte', async () => {
    const { lane, order, published, outage } = orchestratorLane();
    const record = recordOf(introspection(1));
    outage.broker = new Error('no broker');
    await expect(lane.handle([record])).rejects.toMatchObject({ retryAfterMs: expect.any(Number) });
    outage.broker = null;
    await lane.handle([record]);
    await lane.handle([record]);
    const repeated = ['stored 0', 'published 1', `began orchestrator ${NODE} ${id(1)}`, `decided ${NODE}`];
    expect(order).toEqual(['stored 1', ...repeated, ...repeated]);
    expect(new Set(published.map(({ value }) => value)).size).toBe(1);
  });

  describe('a deadline that an output tells of', () => {
    const accepted = () => [recordOf(introspection(1)), recordOf(completed(2, { attempt: 1, version: 1 }))] as const;
    const begins = `began orchestrator ${NODE} ${id(2)}`;

    it('begins behind the publish, and the offset may move only then', async () => {
      const { lane, order } = orchestratorLane();
      await lane.handle(accepted());
      expect(order).toEqual(['stored 2', 'published 2', begins, `decided ${NODE} ${NODE}`]);
    });

    it('does not begin while the log is away, and does when the input comes again', async () => {
      const { lane, order, outage } = orchestratorLane();
      const [first, second] = accepted();
      await lane.handle([first]);
      outage.broker = new Error('no broker');
      await expect(lane.handle([second])).rejects.toBeInstanceOf(LaneUnavailable);
      expect(order.at(-1)).toBe('stored 1');
      outage.broker = null;
      await lane.handle([second]);
      expect(order.slice(-4)).toEqual(['stored 0', 'published 1', begins, `decided ${NODE}`]);
    });

    it('that cannot begin holds the offset back', async () => {
      const { lane, order, outage } = orchestratorLane();
      const records = accepted();
      outage.deadlines = new Error('connection refused');
      await expect(lane.handle(records)).rejects.toBeInstanceOf(LaneUnavailable);
      outage.deadlines = null;
      await lane.handle(records);
      expect(order.slice(-4)).toEqual([
        'stored 0',
        'published 2',
        `began orchestrator ${NODE} ${id(1)} ${NODE} ${id(2)}`,
        `decided ${NODE} ${NODE}`,
      ]);
    });
  });

  it('tells whose steps were decided, ignored ones included, and nothing of what it could not read', async () => {
    const { lane, order } = orchestratorLane();
    await lane.handle([recordOf(nodeNamed('a', 1)), RUBBISH, recordOf(nodeNamed('b', 2)), recordOf(nodeNamed('a', 3))]);
    expect(order.at(-1)).toBe('decided a b a');
  });

  it('decides by the times that hold now, and waits where they are not known', async () => {
    const { lane, published, outage } = orchestratorLane(() => null, { ...TIMINGS, heartbeatIntervalMs: 77_000 });
    const records = [recordOf(introspection(1)), recordOf(completed(2, { attempt: 1, version: 1 }))];
    outage.count = new Error('cannot count the fleet');
    await expect(lane.handle(records)).rejects.toBeInstanceOf(LaneUnavailable);
    expect(published).toEqual([]);
    outage.count = null;
    await lane.handle(records);
    expect(messageIn(published.at(-1)!)).toMatchObject({
      eventType: 'NODE_REGISTRATION_ACCEPTED',
      payload: { heartbeatIntervalMs: 77_000 },
    });
  });

  it('finds the one message that can never be stored, and goes on with the others in their order', async () => {
    const { lane, published } = orchestratorLane((nodeIds) =>
      nodeIds.includes('poison') ? new UnstorableData('refused') : null,
    );
    const ids = ['a', 'b', 'poison', 'c', 'd'];
    await lane.handle(ids.map((nodeId, index) => recordOf(nodeNamed(nodeId, index + 1))));
    expect(published.map(({ topic, key }) => `${topic} ${String(key)}`)).toEqual([
      'evt.node-registration-initiated.v1 a',
      'evt.node-registration-initiated.v1 b',
      'dlq.v1 poison',
      'evt.node-registration-initiated.v1 c',
      'evt.node-registration-initiated.v1 d',
    ]);
    expect(messageIn(published[2]!).payload).toMatchObject({ cause: 'rejected_by_handler' });
  });

  it('waits for a database that is away, and loses nothing', async () => {
    let away: Error | null = new Error('connection refused');
    const { lane, published } = orchestratorLane(() => away);
    const record = recordOf(introspection(1));
    await expect(lane.handle([record])).rejects.toBeInstanceOf(LaneUnavailable);
    expect(published).toEqual([]);
    away = null;
    await lane.handle([record]);
    expect(published).toHaveLength(1);
  });
});

/** What the reducer asks of Consul for a registration and its activation: revisions 1 and 2. */
function consulIntents(): readonly [LogRecord, LogRecord] {
  const storage = new Storage();
  const reducer = machineNamed('reducer');
  const [first, second] = [initiated(1, { attempt: 1, version: 1 }), becameActive(2, 1, 2)].map((message) => {
    const { outgoing } = storage.decide(reducer, taken(message));
    const intent = outgoing.find(({ topic }) => topic === 'intent.consul.v1')!;
    return recordOf({ ...messageIn(intent), appendedAt: message.appendedAt });
  });
  return [first!, second!];
}

/** What it asks of Consul when an audit found a ghost of the node. */
function ghostIntent(): LogRecord {
  const storage = new Storage();
  const { outgoing } = storage.decide(machineNamed('reducer'), taken(ghostFound(3, null)));
  return recordOf({ ...messageIn(outgoing[0]!), appendedAt: T0 });
}

function consulLane(apply: EffectHandler['apply'], desired: number | null | (() => number) = null) {
  const contract = contractOf('registry-effect');
  const registry = new HandlerRegistry<EffectHandler>();
  for (const { handler } of contract.handler_routing.handlers) registry.registerHandler({ id: handler, apply });
  registry.freeze();
  const routing = new HandlerRouting(contract, registry);
  routing.init();
  const published: OutgoingRecord[] = [];
  const lane = new EffectLane({
    backend: 'consul',
    contract,
    routing,
    journal: {
      desiredRevisions: () => {
        const revision = typeof desired === 'function' ? desired() : desired;
        return Promise.resolve(new Map(revision === null ? [] : [[NODE, revision]]));
      },
    },
    publish: (records) => {
      published.push(...records);
      return Promise.resolve();
    },
    registryId: REGISTRY_ID,
    log,
    metrics: new RuntimeMetrics(new Registry()),
  });
  return { lane, published };
}

describe('the lane of a backend', () => {
  const done = (): Promise<readonly EffectOutcome[]> => Promise.resolve([{ ok: true }]);

  it('tells what happened, with the same id and time whenever it is repeated', async () => {
    const { lane, published } = consulLane(done);
    const [intent] = consulIntents();
    await lane.handle([intent]);
    await lane.handle([intent]);
    const [first, again] = published.map(messageIn);
    expect(first).toMatchObject({
      eventType: 'CONSUL_REGISTERED',
      causationId: (JSON.parse(intent.value!.toString()) as { event_id: string }).event_id,
      payload: { nodeId: NODE, backend: 'consul', operation: 'consul.register', revision: 1 },
    });
    expect({ ...again, payload: { ...again!.payload, durationMs: 0 } }).toEqual({
      ...first,
      payload: { ...first!.payload, durationMs: 0 },
    });
  });

  it('carries out only the newest intent of a node, and none that is older than the desired record', async () => {
    const asked: number[] = [];
    const apply: EffectHandler['apply'] = (intents) => {
      asked.push(...intents.map(({ intent }) => intent.revision));
      return done();
    };
    const [first, second] = consulIntents();
    await consulLane(apply).lane.handle([first, second, first]);
    expect(asked).toEqual([2]);
    const stale = consulLane(apply, 2);
    await stale.lane.handle([first]);
    expect(asked).toEqual([2]);
    expect(stale.published).toEqual([]);
  });

  it('removes ghosts before it writes, and none of them stands for the record', async () => {
    const asked: string[][] = [];
    const apply: EffectHandler['apply'] = (intents) => {
      asked.push(intents.map(({ intent }) => intent.intentType));
      return done();
    };
    const [first, second] = consulIntents();
    await consulLane(apply).lane.handle([first, second, ghostIntent()]);
    expect(asked).toEqual([['consul.remove_service'], ['consul.register']]);
  });

  it('says which record the backend refuses for good', async () => {
    const refusal = { ok: false, errorCode: 'CONSUL_VALIDATION_ERROR', errorMessage: 'no such thing' } as const;
    const { lane, published } = consulLane(() => Promise.resolve([refusal]));
    await lane.handle([consulIntents()[0]]);
    expect(published.map(messageIn)).toMatchObject([
      {
        eventType: 'REGISTRY_EFFECT_FAILED',
        payload: { revision: 1, errorCode: 'CONSUL_VALIDATION_ERROR', errorMessage: 'no such thing' },
      },
    ]);
  });

  it('keeps a refusal to itself when a later revision was desired before the write: the intent may have been answered', async () => {
    const refusal = { ok: false, errorCode: 'POSTGRES_VALIDATION_ERROR', errorMessage: 'revision 1 is stale' } as const;
    let desired = 1;
    const hung: EffectHandler['apply'] = () => {
      desired = 2;
      return Promise.resolve([refusal]);
    };
    const { lane, published } = consulLane(hung, () => desired);
    await lane.handle([consulIntents()[0]]);
    expect(published).toEqual([]);
  });

  it('publishes nothing while the backend is away, and says when to come again', async () => {
    const away = Object.assign(new Error('breaker is open'), { retryAfterMs: 4321 });
    const { lane, published } = consulLane(() => Promise.reject(away));
    await expect(lane.handle([consulIntents()[0]])).rejects.toMatchObject({
      name: 'LaneUnavailable',
      retryAfterMs: 4321,
    });
    expect(published).toEqual([]);
  });

  it('makes an operation that nobody carries out a dead letter', async () => {
    const { lane, published } = consulLane(done);
    const [intent] = consulIntents();
    await lane.handle([
      { ...intent, value: Buffer.from(intent.value!.toString().replace('consul.register', 'consul.paint')) },
    ]);
    expect(published.map(({ topic }) => topic)).toEqual(['dlq.v1']);
  });
});
