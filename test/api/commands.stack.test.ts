import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DOCUMENTS, type DocumentName } from '../../src/api/rest/documents.js';
import { decode, type Message } from '../../src/messages/index.js';
import { BusUnavailable, type OutgoingRecord } from '../../src/runtime/index.js';
import { describeStack } from '../support/stack.js';
import { Orchestrated, withHeaders } from './commands-orchestrated.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type Answer, type TestApi } from './test-app.js';

const UUID = /^[0-9a-f-]{36}$/;
const WAIT = { prefer: 'wait=30' };

describeStack('commands', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;
  let orchestrator: Orchestrated;
  let count = 0;
  let nodeId: string;

  beforeAll(async () => {
    state = await createStateDatabase();
  });
  beforeEach(async () => {
    nodeId = `node-${++count}`;
    api = await startApi(state.database);
    orchestrator = new Orchestrated(state, api.bus);
  });
  afterEach(() => api.close());
  afterAll(() => state.drop());

  const register = (headers: Record<string, string> = {}, fields: object = {}) =>
    api.request('/v1/nodes', withHeaders(json({ nodeId, nodeType: 'effect', ...fields }), headers));
  const deregister = (headers: Record<string, string> = {}, query = '') =>
    api.request(`/v1/nodes/${nodeId}${query}`, { method: 'DELETE', headers });
  const operation = (id: string) => api.request(`/v1/operations/${id}`);
  const published = (): OutgoingRecord[] => api.bus.published;

  /** The bus answers each command as it is told, before the publish resolves: nothing may be missed by then. */
  function whenPublished(then: (record: OutgoingRecord) => Promise<void>): void {
    api.bus.publish = async (records) => {
      for (const record of records) await then(record);
    };
  }

  describe('a registration', () => {
    it('is a command on the log, and an operation', async () => {
      const answer = await register(
        { 'x-correlation-id': '6F2D1C9E-4A5B-4C3D-8E7F-001122334455', traceparent: TRACE },
        { capabilities: ['gpu'], endpoints: ['http://10.0.0.1:8080'], healthEndpoint: 'http://10.0.0.1/health' },
      );
      const { operationId } = document('StartedOperation', answer, 202);
      expect(answer.headers.get('location')).toBe(`/v1/operations/${operationId}`);
      expect(answer.headers.get('preference-applied')).toBeNull();
      const [record] = published();
      expect(published()).toHaveLength(1);
      expect([record!.topic, record!.key, record!.headers]).toEqual([
        'cmd.register-node.v1',
        nodeId,
        {
          'content-type': 'application/json',
          event_type: 'REGISTER_NODE',
          correlation_id: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
          traceparent: TRACE,
        },
      ]);
      expect(messageOf(record!)).toMatchObject({
        eventId: operationId,
        sourceNodeId: 'rollcall',
        correlationId: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
        causationId: null,
        payload: {
          nodeId,
          nodeType: 'effect',
          nodeVersion: '1.0.0',
          capabilities: { gpu: true },
          endpoints: { api: 'http://10.0.0.1:8080' },
          acknowledgement: 'waived',
          liveness: 'none',
        },
      });
      expect(document('Operation', await operation(operationId))).toEqual({
        id: operationId,
        kind: 'register',
        nodeId,
        status: 'pending',
        steps: [],
      });
    });

    it('is its own correlation where the caller has none that fits', async () => {
      await register({ 'x-correlation-id': 'request 17', traceparent: 'nonsense' });
      const { eventId, correlationId } = messageOf(published()[0]!);
      expect([correlationId, published()[0]!.headers['traceparent']]).toEqual([eventId, undefined]);
    });

    it('is told step by step', async () => {
      const { operationId } = document('StartedOperation', await register(), 202);
      const asked = await orchestrator.take(published()[0]!);
      expect(document('Operation', await operation(operationId))).toMatchObject({ status: 'pending' });
      await orchestrator.complete(asked!);
      expect(document('Operation', await operation(operationId.toUpperCase()))).toMatchObject({
        id: operationId,
        status: 'succeeded',
        steps: [
          { eventType: 'REGISTER_NODE', rule: 'begin_attempt', path: 'none > pending_registration' },
          {
            eventType: 'REGISTRATION_COMPLETED',
            rule: 'accept_waived',
            path: 'pending_registration > accepted > active',
          },
        ],
      });
    });

    it('can be waited for', async () => {
      whenPublished(async (record) => orchestrator.complete((await orchestrator.take(record))!));
      const answer = await register(WAIT);
      const result = document('Registration', answer, 201);
      expect(result).toEqual({
        operationId: expect.stringMatching(UUID),
        status: 'success',
        registeredNodeId: nodeId,
        consulRegistered: true,
        postgresRegistered: true,
        registrationTimeMs: expect.any(Number),
      });
      expect(answer.headers.get('preference-applied')).toBe('wait=30');
      expect(answer.headers.get('location')).toBe(`/v1/nodes/${nodeId}`);
      expect(api.bus.followers.size).toBe(0);
    });

    it('is partial without one backend, failed without both', async () => {
      whenPublished(async (record) => orchestrator.fail((await orchestrator.take(record))!, ['postgres']));
      expect(document('Registration', await register(WAIT), 201)).toMatchObject({
        status: 'partial',
        registeredNodeId: nodeId,
        consulRegistered: false,
        postgresRegistered: true,
      });
      nodeId += '-b';
      whenPublished(async (record) => orchestrator.fail((await orchestrator.take(record))!, []));
      const failed = document('Registration', await register(WAIT), 200);
      expect(failed).toMatchObject({ status: 'failed', registeredNodeId: null, reason: 'CONSUL_VALIDATION_ERROR: no' });
      expect(document('Operation', await operation(failed.operationId))).toMatchObject({
        status: 'failed',
        reason: 'CONSUL_VALIDATION_ERROR: no',
      });
    });

    it('that says nothing new succeeds at once, and tells what holds', async () => {
      await orchestrator.activate(nodeId);
      whenPublished(async (record) => expect(await orchestrator.take(record)).toBeNull());
      expect(document('Registration', await register(WAIT), 201)).toMatchObject({
        status: 'success',
        consulRegistered: true,
        postgresRegistered: true,
      });
    });

    it('changes the record of an active node', async () => {
      await orchestrator.activate(nodeId);
      whenPublished(async (record) => orchestrator.complete((await orchestrator.take(record))!));
      expect(document('Registration', await register(WAIT, { metadata: { a: 1 } }), 201)).toMatchObject({
        status: 'success',
        registeredNodeId: nodeId,
      });
    });

    it('that is not decided in time is still under way', async () => {
      const answer = await register({ prefer: 'respond-async, Wait="1"' });
      expect(document('StartedOperation', answer, 202).operationId).toMatch(UUID);
      expect(answer.headers.get('preference-applied')).toBe('wait=1');
      expect(api.bus.followers.size).toBe(0);
    });
  });

  describe('a deregistration', () => {
    beforeEach(() => orchestrator.activate(nodeId));

    it('is a command on the log, with its reason', async () => {
      const { operationId } = document('StartedOperation', await deregister({}, '?reason=broken%20disk'), 202);
      expect(messageOf(published()[0]!)).toMatchObject({
        eventId: operationId,
        eventType: 'DEREGISTER_NODE',
        payload: { nodeId, reason: 'broken disk' },
      });
      const inBody = { ...json({ reason: 'too old' }), method: 'DELETE' };
      document('StartedOperation', await api.request(`/v1/nodes/${nodeId}`, inBody), 202);
      expect(messageOf(published()[1]!).payload).toEqual({ nodeId, reason: 'too old' });
    });

    it('can be waited for', async () => {
      whenPublished(async (record) => orchestrator.complete((await orchestrator.take(record))!));
      const result = document('Deregistration', await deregister(WAIT), 200);
      expect(result).toEqual({
        operationId: expect.stringMatching(UUID),
        status: 'success',
        nodeId,
        state: 'deregistered',
      });
      expect(document('Operation', await operation(result.operationId!))).toMatchObject({
        kind: 'deregister',
        status: 'succeeded',
        steps: [{ rule: 'begin_deregistration' }, { rule: 'finish_deregistration' }],
      });
    });

    it('says nothing to the log where nothing is to be done', async () => {
      whenPublished(async (record) => orchestrator.complete((await orchestrator.take(record))!));
      await deregister(WAIT);
      whenPublished(() => Promise.reject(new Error('nothing should be published')));
      expect(document('Deregistration', await deregister(), 200)).toEqual({
        operationId: null,
        status: 'success',
        nodeId,
        state: 'deregistered',
      });
    });

    it('of an unknown node is refused', async () => {
      nodeId = 'nobody';
      const { status, body } = await deregister();
      expect([status, body, published()]).toEqual([
        404,
        expect.objectContaining({ type: '/problems/node-not-found' }),
        [],
      ]);
    });

    it('is superseded by who comes back before', async () => {
      whenPublished(async (record) => {
        await orchestrator.take(record);
        await orchestrator.activate(nodeId);
      });
      expect(document('Deregistration', await deregister(WAIT), 200)).toMatchObject({
        status: 'failed',
        reason: 'superseded',
      });
    });
  });

  describe('a log that does not answer', () => {
    it.each([
      ['unavailable', new BusUnavailable('the broker is away: 10.1.2.3')],
      ['broken', new Error('no')],
    ])('%s: 503, and the same key can be tried again at once', async (_what, error) => {
      const { publish } = api.bus;
      api.bus.publish = () => Promise.reject(error);
      const headers = { 'idempotency-key': `key of ${nodeId}` };
      const refused = await register({ ...headers, ...WAIT });
      expect([refused.status, refused.type, refused.headers.get('retry-after')]).toEqual([
        503,
        'application/problem+json',
        '5',
      ]);
      expect(refused.body).toMatchObject({
        type: '/problems/log-unavailable',
        detail: expect.stringContaining('/health'),
      });
      expect(refused.text).not.toContain('10.1.2.3');
      expect(api.bus.followers.size).toBe(0);
      expect((await api.request('/v1/introspection-requests', { method: 'POST' })).status).toBe(503);
      api.bus.publish = publish;
      document('StartedOperation', await register(headers), 202);
      expect(published()).toHaveLength(1);
    });
  });

  function messageOf({ topic, key, value }: OutgoingRecord): Message {
    const decoded = decode(topic, { key, value: Buffer.from(value as string) });
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.message;
  }
});

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function document<N extends DocumentName>(name: N, { status, body }: Answer, expected = 200) {
  expect([status, body]).toEqual([expected, expect.anything()]);
  return DOCUMENTS[name].parse(body) as ReturnType<(typeof DOCUMENTS)[N]['parse']>;
}
