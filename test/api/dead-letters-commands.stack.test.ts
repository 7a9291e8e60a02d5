import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { deadLetterId } from '../../src/messages/index.js';
import { createLog, type OutgoingRecord } from '../../src/runtime/index.js';
import { DeadLetterLane } from '../../src/runtime/lanes/dead-letter-lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { deadLetterRecord } from '../runtime/dead-letter-records.js';
import { describeStack } from '../support/stack.js';
import { Orchestrated, withHeaders } from './commands-orchestrated.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type TestApi, type TestBus } from './test-app.js';

const log = createLog('silent');

describeStack('commands that become dead letters', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;
  let orchestrator: Orchestrated;
  let lane: DeadLetterLane;
  let nodeId: string;
  let publish: TestBus['publish'];
  let offset = 0;

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
    publish = api.bus.publish.bind(api.bus);
    orchestrator = new Orchestrated(state, api.bus);
    lane = new DeadLetterLane({
      database: state.database,
      log,
      metrics: new RuntimeMetrics(new Registry()),
      decided: (nodeIds) => api.bus.followers.forEach((follower) => follower.decided(nodeIds)),
    });
  });
  beforeEach(() => {
    nodeId = `node-${offset}`;
  });
  afterEach(() => {
    api.bus.published.length = 0;
    api.bus.publish = publish;
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  /** The record as the lane that cannot handle it leaves it, unless told otherwise by its topic. Gives the id of the letter. */
  async function letterOf(record: OutgoingRecord, topic = 'cmd.register-node.v1', key = nodeId): Promise<string> {
    const at = String(++offset);
    const value = Buffer.from(record.value ?? '');
    const topicName = `dev.onex.${topic}`;
    const fields = { topicName, offset: at, key: Buffer.from(key), value, appendedAt: Date.now() + offset };
    await lane.handle([deadLetterRecord({ ...fields, headers: record.headers }, 'the handler threw')]);
    return deadLetterId(topicName, 3, at);
  }
  const register = (headers = {}) =>
    api.request('/v1/nodes', withHeaders(json({ nodeId, nodeType: 'effect' }), headers));
  const operation = async (id: string) => DOCUMENTS.Operation.parse((await api.request(`/v1/operations/${id}`)).body);
  const redrive = async (id: string): Promise<OutgoingRecord> => {
    expect((await api.request(`/v1/dead-letters/${id}/redrive`, { method: 'POST' })).status).toBe(202);
    return api.bus.published.at(-1)!;
  };

  async function started(): Promise<{ id: string; command: OutgoingRecord }> {
    const { operationId: id } = DOCUMENTS.StartedOperation.parse((await register()).body);
    return { id, command: api.bus.published[0]! };
  }

  it('fail, naming the letter; are pending while they are sent again, and succeed when they are decided', async () => {
    const { id, command } = await started();
    expect(await operation(id)).toMatchObject({ status: 'pending' });
    const first = await letterOf(command);
    expect((await api.request(`/v1/dead-letters/${first}`)).body).toMatchObject({ originalEventId: id });
    expect(await operation(id)).toMatchObject({
      status: 'failed',
      reason: `dead_letter: ${first} (the handler threw)`,
      steps: [],
    });
    const again = await redrive(first);
    expect(await operation(id)).toMatchObject({ status: 'pending' });
    const second = await letterOf(again);
    expect(await operation(id)).toMatchObject({
      status: 'failed',
      reason: `dead_letter: ${second} (the handler threw)`,
    });
    const asked = await orchestrator.take(await redrive(second));
    expect(await operation(id)).toMatchObject({ status: 'pending', steps: [{ rule: 'begin_attempt' }] });
    await orchestrator.complete(asked!);
    expect(await operation(id)).toMatchObject({ status: 'succeeded' });
  });

  it('are told to who waits for them', async () => {
    const sent = new Promise<OutgoingRecord>((resolve) => {
      api.bus.publish = ([record]) => Promise.resolve(resolve(record!));
    });
    const answer = register({ prefer: 'wait=30' });
    const letter = await letterOf(await sent);
    const { status, body } = await answer;
    expect(status).toBe(200);
    expect(DOCUMENTS.Registration.parse(body)).toMatchObject({
      status: 'failed',
      reason: `dead_letter: ${letter} (the handler threw)`,
    });
  });

  it('are deregistrations, too', async () => {
    await orchestrator.activate(nodeId);
    const { body } = await api.request(`/v1/nodes/${nodeId}`, { method: 'DELETE' });
    const { operationId: id } = DOCUMENTS.StartedOperation.parse(body);
    const letter = await letterOf(api.bus.published[0]!, 'cmd.deregister-node.v1');
    expect((await operation(id)).reason).toContain(letter);
  });

  it.each([
    ['by another topic', 'evt.node-introspection.v1', undefined],
    ['for another node', 'cmd.register-node.v1', 'node-other'],
  ])('are not those whose id somebody wrote %s', async (_what, topic, key) => {
    const { id, command } = await started();
    await letterOf(command, topic, key);
    expect(await operation(id)).toMatchObject({ status: 'pending' });
  });
});
