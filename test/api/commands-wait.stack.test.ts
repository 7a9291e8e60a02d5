import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Follower, LogRecord, OutgoingRecord } from '../../src/runtime/index.js';
import { describeStack } from '../support/stack.js';
import { Orchestrated, withHeaders } from './commands-orchestrated.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, TestBus, type TestApi } from './test-app.js';

/** A bus that tells when something was published, and when a follower has left. */
class ToldBus {
  private readonly records: OutgoingRecord[] = [];
  private readonly waiting: ((record: OutgoingRecord) => void)[] = [];
  readonly followerLeft: Promise<void>;

  constructor(bus: TestBus) {
    bus.publish = (records) => {
      for (const record of records) {
        const next = this.waiting.shift();
        if (next === undefined) this.records.push(record);
        else next(record);
      }
      return Promise.resolve();
    };
    const follow = bus.follow.bind(bus);
    this.followerLeft = new Promise((resolve) => {
      bus.follow = (follower: Follower) => {
        const leave = follow(follower);
        return () => {
          leave();
          resolve();
        };
      };
    });
  }

  published(): Promise<OutgoingRecord> {
    const record = this.records.shift();
    return record === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(record);
  }
}

describeStack('waiting for a command', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;
  let told: ToldBus;
  let orchestrator: Orchestrated;
  let count = 0;
  let nodeId: string;
  let closed: boolean;

  beforeAll(async () => {
    state = await createStateDatabase();
  });
  beforeEach(async () => {
    nodeId = `node-${++count}`;
    api = await startApi(state.database);
    told = new ToldBus(api.bus);
    orchestrator = new Orchestrated(state, api.bus);
    closed = false;
  });
  afterEach(() => (closed ? undefined : api.close()));
  afterAll(() => state.drop());

  const registering = (init: RequestInit = {}) => {
    const request = withHeaders(json({ nodeId, nodeType: 'effect' }), { prefer: 'wait=30' });
    return api.request('/v1/nodes', { ...request, ...init });
  };

  it('is answered by what happens on the bus', async () => {
    const answer = registering();
    const asked = await orchestrator.take(await told.published());
    await orchestrator.complete(asked!);
    expect(await answer).toMatchObject({ status: 201, body: { status: 'success', registeredNodeId: nodeId } });
  });

  it('is answered by what another replica decided and published', async () => {
    const answer = registering();
    const elsewhere = new Orchestrated(state, new TestBus());
    await elsewhere.complete((await elsewhere.take(await told.published()))!);
    for (const { heard } of api.bus.followers) heard([{ key: Buffer.from(nodeId) } as LogRecord]);
    expect(await answer).toMatchObject({ status: 201, body: { status: 'success' } });
  });

  it('is answered for all who sent it, and for who comes later', async () => {
    const init = withHeaders(json({ nodeId, nodeType: 'effect' }), { prefer: 'wait=30', 'idempotency-key': nodeId });
    const request = () => api.request('/v1/nodes', init);
    const answers = [request(), request()];
    await orchestrator.complete((await orchestrator.take(await told.published()))!);
    const [first, second, third] = [...(await Promise.all(answers)), await request()];
    expect(first).toMatchObject({ status: 201, body: { status: 'success' } });
    expect([second?.body, third?.body]).toEqual([first?.body, first?.body]);
  });

  it('ends with the client that goes away', async () => {
    const client = new AbortController();
    const answer = registering({ signal: client.signal });
    await told.published();
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await told.followerLeft;
    expect(api.bus.followers.size).toBe(0);
  });

  it('ends with the process: who waits hears where to ask', async () => {
    const answer = registering();
    await told.published();
    const closing = api.close();
    closed = true;
    expect(await answer).toMatchObject({ status: 202, body: { operationId: expect.any(String) } });
    await closing;
  });

  it('is not needed for an introspection request', async () => {
    const all = await api.request('/v1/introspection-requests', { method: 'POST' });
    const [broadcast, one] = [await told.published(), json({ targetNodeId: nodeId })];
    expect([all.status, all.body]).toEqual([202, { eventId: expect.any(String) }]);
    expect([broadcast.topic, broadcast.key]).toEqual(['evt.registry-request-introspection.v1', 'rollcall']);
    expect(JSON.parse(broadcast.value as string)).toMatchObject({
      event_id: (all.body as { eventId: string }).eventId,
      event_type: 'REGISTRY_REQUEST_INTROSPECTION',
      payload: { node_id: 'rollcall' },
    });
    expect((await api.request('/v1/introspection-requests', one)).status).toBe(202);
    const targeted = await told.published();
    expect(targeted.key).toBe(nodeId);
    expect(JSON.parse(targeted.value as string)).toMatchObject({
      payload: { node_id: nodeId, target_node_id: nodeId },
    });
  });
});
