import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Message } from '../../src/messages/index.js';
import type { EffectHandler, EffectOutcome } from '../../src/runtime/lanes/effect.js';
import { EffectLane } from '../../src/runtime/lanes/effect-lane.js';
import { LaneUnavailable, type LogRecord } from '../../src/runtime/lanes/lane.js';
import type { Sent } from '../../src/runtime/lanes/local-delivery.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { HandlerRegistry } from '../../src/runtime/routing/handler-registry.js';
import { HandlerRouting } from '../../src/runtime/routing/handler-routing.js';
import { becameActive, ghostFound, initiated, NODE, T0 } from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { byHand, LocalLog, turn } from '../support/local-log.js';
import { machineNamed, messageIn, recordOf, REGISTRY_ID, Storage, taken } from '../support/machines.js';

const log = pino({ level: 'silent' });

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
  const standing = new LocalLog();
  const looks: (readonly string[])[] = [];
  const lane = new EffectLane({
    backend: 'consul',
    contract,
    routing,
    store: {
      desiredRevisions: (nodeIds) => {
        looks.push(nodeIds);
        const revision = typeof desired === 'function' ? desired() : desired;
        return Promise.resolve(new Map(revision === null ? [] : [[NODE, revision]]));
      },
    },
    delivery: standing.delivery,
    registryId: REGISTRY_ID,
    log,
    metrics: new RuntimeMetrics(new Registry()),
  });
  standing.delivery.serve(['intent.consul.v1'], (received) => lane.handedOver(received));
  return { lane, published: standing.records, standing, looks };
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

  it('is done only once its result stands in the log', async () => {
    const { lane, standing } = consulLane(done);
    const [intent] = consulIntents();
    standing.outage = new Error('no broker');
    await expect(lane.handle([intent])).rejects.toBeInstanceOf(LaneUnavailable);
    standing.outage = null;
    const publish = byHand();
    standing.onPublish = () => publish.promise;
    let isDone = false;
    const handled = lane.handle([intent]).then(() => (isDone = true));
    await turn();
    expect(isDone).toBe(false);
    publish.resolve();
    await handled;
    expect(standing.records).toHaveLength(1);
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

describe('an intent that is handed over', () => {
  const done = (): Promise<readonly EffectOutcome[]> => Promise.resolve([{ ok: true }]);
  const away = Object.assign(new Error('breaker is open'), { retryAfterMs: 4321 });
  const sent = (intent: LogRecord): Sent => ({
    ...{ topic: intent.topic, key: NODE, value: intent.value!.toString(), headers: {} },
    message: messageIn(intent),
  });
  const results = (records: readonly LogRecord[]) =>
    records.filter(({ topic }) => topic === 'evt.registry-effect-result.v1').map(messageIn);

  it('is carried out without a look at what is desired, as that was said just now; its copy is passed over', async () => {
    const { standing, looks, published } = consulLane(done, 7);
    await standing.delivery.publish([sent(consulIntents()[0])]);
    expect(await standing.delivery.unseen(standing.read('intent.consul.v1'))).toEqual([]);
    expect(results(published)).toMatchObject([{ eventType: 'CONSUL_REGISTERED', payload: { revision: 1 } }]);
    expect(looks).toEqual([]);
  });

  it('is compared with what is desired where the same batch has intents that were read', async () => {
    const { lane, standing, looks, published } = consulLane(done, 2);
    const busy = lane.handle([ghostIntent()]);
    const [first, second] = consulIntents();
    const read = lane.handle([first]);
    await standing.delivery.publish([sent(second)]);
    await Promise.all([busy, read]);
    expect(await standing.delivery.unseen(standing.read('intent.consul.v1'))).toEqual([]);
    expect(results(published).map(({ payload }) => (payload as { revision: number }).revision)).toEqual([2]);
    expect(looks).toEqual([[NODE], [NODE]]);
  });

  describe('and waits behind a backend that hangs', () => {
    afterEach(() => void jest.restoreAllMocks());

    /** Handed over while the lane is busy, which goes on after so long. Gives whether it was carried out, and the looks. */
    async function waited(ms: number, desiredByThen: number): Promise<readonly unknown[]> {
      let desired = 0;
      const now = jest.spyOn(performance, 'now').mockReturnValue(0);
      const backend = byHand();
      const { lane, standing, looks, published } = consulLane(
        async (intents) => {
          await backend.promise;
          return intents.map(() => ({ ok: true }));
        },
        () => desired,
      );
      const busy = lane.handle([ghostIntent()]);
      await turn();
      await standing.delivery.publish([sent(consulIntents()[0])]);
      looks.length = 0;
      desired = desiredByThen;
      now.mockReturnValue(ms);
      backend.resolve();
      await busy;
      expect(await standing.delivery.unseen(standing.read('intent.consul.v1'))).toEqual([]);
      const operations = results(published).map(({ payload }) => (payload as { operation: string }).operation);
      return [operations.includes('consul.register'), looks];
    }

    it('for a while, is carried out as it is', async () => {
      expect(await waited(1000, 7)).toEqual([true, []]);
    });

    it('for long, is compared with what is desired by then, as another replica may have gone on', async () => {
      expect(await waited(1001, 7)).toEqual([false, [[NODE]]]);
      expect(await waited(1001, 1)).toEqual([true, [[NODE]]]);
    });
  });

  it('gives a result that says what it says when it is read from the log', async () => {
    const { standing, published } = consulLane(done);
    const heard: Message[] = [];
    standing.delivery.serve(['evt.registry-effect-result.v1'], (received) => {
      heard.push(...received.map(({ message }) => message));
      return Promise.resolve();
    });
    await standing.delivery.publish([sent(consulIntents()[0])]);
    await standing.delivery.unseen(standing.read('intent.consul.v1'));
    const [result] = published.slice(1);
    const read = { ...messageIn(result!), appendedAt: result!.appendedAt };
    expect(heard.map((message) => JSON.stringify(message))).toEqual([JSON.stringify(read)]);
  });

  it('is read from the log where the backend is away, and so is what comes behind it until one could be carried out', async () => {
    let backend = (): Promise<readonly EffectOutcome[]> => Promise.reject(away);
    const { lane, standing, published } = consulLane(() => backend());
    const [first, second] = consulIntents();
    const copies = () => standing.read('intent.consul.v1');
    await standing.delivery.publish([sent(first)]);
    expect(await standing.delivery.unseen(copies())).toEqual(copies());
    backend = done;
    await standing.delivery.publish([sent(second)]);
    expect(await standing.delivery.unseen(copies())).toEqual(copies());
    expect(results(published)).toEqual([]);
    await lane.handle(copies());
    expect(results(published)).toMatchObject([{ payload: { revision: 2 } }]);
    await standing.delivery.publish([sent(second)]);
    expect(await standing.delivery.unseen(copies().slice(2))).toEqual([]);
  });

  it('is left in the log while too many wait', async () => {
    const { lane, standing } = consulLane(() => byHand<readonly EffectOutcome[]>().promise);
    const [intent] = consulIntents();
    void lane.handle([intent]);
    void lane.handle(Array.from({ length: 5001 }, () => intent));
    expect(lane.handedOver([])).toBeNull();
    await standing.delivery.publish([sent(intent)]);
    const copies = standing.read('intent.consul.v1');
    expect(await standing.delivery.unseen(copies)).toEqual(copies);
  });
});
