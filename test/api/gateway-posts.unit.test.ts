import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BatchedPublish } from '../../src/api/gateway/batched-publish.js';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { decode, encode, ENVELOPE_TYPE, publicKeyOf, signatureOf, type Message } from '../../src/messages/index.js';
import { BusUnavailable, type Database, type OutgoingRecord } from '../../src/runtime/index.js';
import { at, deadlinePassed, heartbeat, id } from '../support/builders.js';
import { about } from './gateway-support.js';
import { json, startApi, type TestApi } from './test-app.js';

type Errors = { type: string; errors?: { in: string; field: string }[] };

const NODE = '/v1/nodes/n-1';
const NO_DATABASE = {
  get pool(): Database['pool'] {
    throw new Error('the gateway asks no database');
  },
};

describe('what a node says over HTTP', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startApi(NO_DATABASE);
  });
  beforeEach(() => {
    api.bus.published.length = 0;
  });
  afterAll(() => api.close());

  function said(): Message {
    expect(api.bus.published).toHaveLength(1);
    const [{ topic, key, value } = {} as OutgoingRecord] = api.bus.published;
    const decoded = decode(topic, { key, value: Buffer.from(value ?? '') });
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.message;
  }

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const init = json(body);
    return api.request(path, { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } });
  };

  it('is the message that it would have published itself', async () => {
    const description = {
      nodeType: 'effect',
      nodeVersion: '1.2.0',
      capabilities: ['resize', 'crop'],
      endpoints: { api: 'http://10.0.0.1:8080' },
      metadata: { some_team: { inner_key: 1, innerKey: 2 } },
      healthEndpoint: 'http://10.0.0.1:8080/health',
      reason: 'shutdown',
      incarnation: 7,
    };
    const headers = { 'x-event-id': id(1), 'x-correlation-id': id(2), 'x-causation-id': id(3) };
    const { status, body } = await post(`${NODE}/introspection`, description, headers);
    expect([status, body]).toEqual([202, { eventId: id(1), correlationId: id(2) }]);
    expect(DOCUMENTS.TakenMessage.parse(body)).toEqual(body);
    expect(said()).toMatchObject({
      eventId: id(1),
      eventType: 'NODE_INTROSPECTION',
      sourceNodeId: 'n-1',
      correlationId: id(2),
      causationId: id(3),
      payload: { ...description, nodeId: 'n-1', capabilities: { resize: true, crop: true } },
    });
    expect(api.bus.published[0]).toMatchObject({ key: 'n-1', topic: 'evt.node-introspection.v1' });
  });

  it('has a correlation id that a repetition keeps, and passes the trace on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { 'x-event-id': id(1).toUpperCase(), traceparent };
    const first = await post(`${NODE}/ack`, { attemptId: id(9) }, headers);
    const second = await post(`${NODE}/ack`, { attemptId: id(9) }, headers);
    expect(first.body).toEqual(second.body);
    expect(api.bus.published[0]?.headers).toEqual({
      'content-type': 'application/json',
      event_type: 'NODE_REGISTRATION_ACKED',
      correlation_id: id(1),
      traceparent,
    });
  });

  it.each([
    ['ack', 'NODE_REGISTRATION_ACKED', {}],
    ['ack', 'NODE_REGISTRATION_ACKED', { 'content-type': 'application/json' }],
    ['heartbeat', 'NODE_HEARTBEAT', {}],
    ['heartbeat', 'NODE_HEARTBEAT', { 'content-type': 'application/json; charset=utf-8' }],
  ])('may be nothing, in case of %s (%s) with %j', async (path, eventType, headers) => {
    const { status } = await api.request(`${NODE}/${path}`, { method: 'POST', headers });
    expect(status).toBe(202);
    expect(said()).toMatchObject({ eventType, causationId: null, payload: { nodeId: 'n-1' } });
  });

  describe('in an envelope of its own', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const { appendedAt: _, ...said1 } = about('n-1', heartbeat(1));
    // As no serialiser of ours would write it.
    const value = JSON.stringify(JSON.parse(encode(said1)), null, 1);
    const signature = signatureOf(
      { topic: 'evt.node-heartbeat.v1', key: 'n-1', value },
      privateKey,
      publicKeyOf(privateKey),
    );
    const signed = { 'x-signature': signature.signature, 'x-public-key': signature.publicKey };
    const send = (path: string, body: string, headers: Record<string, string> = signed) =>
      api.request(path, { method: 'POST', body, headers: { 'content-type': ENVELOPE_TYPE, ...headers } });

    it('is passed on to the byte, with the signature', async () => {
      const answer = await send(`${NODE}/heartbeat`, value);
      expect([answer.status, answer.body]).toEqual([
        202,
        { eventId: said1.eventId, correlationId: said1.correlationId },
      ]);
      const [record] = api.bus.published;
      expect(String(record?.value)).toBe(value);
      expect(record).toMatchObject({ topic: 'evt.node-heartbeat.v1', key: 'n-1' });
      expect(record?.headers).toMatchObject({
        event_type: 'NODE_HEARTBEAT',
        signature: signature.signature,
        public_key: signature.publicKey,
      });
    });

    it('need not be signed, where nobody asks for it', async () => {
      expect((await send(`${NODE}/heartbeat`, value, {})).status).toBe(202);
      expect(api.bus.published[0]?.headers).not.toHaveProperty('signature');
    });

    const marker = (() => {
      const { appendedAt: __, ...message } = about('n-1', deadlinePassed(1, 'liveness', at(1)));
      return encode(message);
    })();
    it.each([
      ['of another node', '/v1/nodes/n-2/heartbeat', value, {}, 400],
      ['of another type', `${NODE}/ack`, value, {}, 400],
      ['that only the registry says', `${NODE}/heartbeat`, marker, {}, 400],
      ['that is no envelope', `${NODE}/heartbeat`, '{}', {}, 400],
      ['that is nothing', `${NODE}/heartbeat`, ' ', {}, 400],
      ['with half a signature', `${NODE}/heartbeat`, value, { 'x-signature': 'AAAA' }, 400],
      ['without the key of its signature', `${NODE}/heartbeat`, value, { 'x-signature': signature.signature }, 400],
      ['for an operator', '/v1/nodes', value, {}, 415],
    ])('is refused: one %s', async (_what, path, body, headers, status) => {
      const answer = await send(path, body, headers);
      expect(answer.status).toBe(status);
      expect(DOCUMENTS.Problem.safeParse(answer.body).success).toBe(true);
      expect(api.bus.published).toEqual([]);
    });
  });

  it('may repeat whose it is', async () => {
    const measures = { nodeId: 'n-1', uptimeSeconds: 5, cpuUsagePercent: null };
    expect((await post(`${NODE}/heartbeat`, measures)).status).toBe(202);
    expect(said().payload).toEqual({ nodeId: 'n-1', uptimeSeconds: 5 });
  });

  it.each([
    ['introspection', { nodeId: 'n-2' }, 'nodeId'],
    ['ack', null, 'body'],
    ['heartbeat', null, 'body'],
    ['introspection', { nodeId: 5 }, 'nodeId'],
    ['introspection', { node_type: 'effect' }, 'node_type'],
    ['introspection', { colour: 'red' }, 'colour'],
    ['introspection', { nodeVersion: 'one' }, 'nodeVersion'],
    ['introspection', { capabilities: 'all' }, 'capabilities'],
    ['introspection', { capabilities: [5] }, 'capabilities.0'],
    ['introspection', { endpoints: { api: 'nowhere' } }, 'endpoints.api'],
    ['introspection', { metadata: { text: 'a\0b' } }, 'metadata'],
    ['introspection', { metadata: { '\ud800': 1 } }, 'metadata'],
    ['introspection', { nodeType: 'x'.repeat(65) }, 'nodeType'],
    ['introspection', { reason: 'boredom' }, 'reason'],
    ['introspection', { incarnation: -1 }, 'incarnation'],
    ['introspection', { healthEndpoint: 'x' }, 'healthEndpoint'],
    ['introspection', null, 'body'],
    ['introspection', [], 'body'],
    ['introspection', 'text', 'body'],
    ['ack', { attemptId: 'first' }, 'attemptId'],
    ['ack', 5, 'body'],
    ['heartbeat', { cpuUsagePercent: 101 }, 'cpuUsagePercent'],
    ['heartbeat', { uptime_seconds: 5 }, 'uptime_seconds'],
    ['heartbeat', [[]], 'body'],
  ])('is refused: %s %j', async (path, body, field) => {
    const answer = await post(`${NODE}/${path}`, body);
    expect(answer.status).toBe(400);
    expect((answer.body as Errors).errors?.map((error) => [error.in, error.field])).toEqual([['body', field]]);
    expect(DOCUMENTS.Problem.safeParse(answer.body).success).toBe(true);
    expect(api.bus.published).toEqual([]);
  });

  it.each([['x-event-id'], ['x-correlation-id'], ['x-causation-id']])('is refused with a wrong %s', async (name) => {
    const answer = await post(`${NODE}/heartbeat`, {}, { [name]: 'five' });
    expect([answer.status, (answer.body as Errors).errors]).toEqual([
      400,
      [{ in: 'header', field: name, message: 'must be a UUID' }],
    ]);
  });

  it('leaves a broken traceparent out', async () => {
    expect((await post(`${NODE}/heartbeat`, {}, { traceparent: 'x' })).status).toBe(202);
    expect(api.bus.published[0]?.headers).not.toHaveProperty('traceparent');
  });

  it.each([
    [`/v1/nodes/-x/heartbeat`, {}, 400, 'validation'],
    [`/v1/nodes/%00/heartbeat`, {}, 400, 'validation'],
    [`/v1/nodes/${'x'.repeat(256)}/ack`, {}, 400, 'validation'],
    [`${NODE}/goodbye`, {}, 404, 'route-not-found'],
    [`${NODE}/heartbeat`, { colour: 'x'.repeat(10_000_000) }, 413, 'payload-too-large'],
    // Within the limit as a body, but not with the envelope around it.
    [`${NODE}/introspection`, { metadata: { text: '\u{1f600}'.repeat(65_520) } }, 413, 'payload-too-large'],
  ])('%s is a problem', async (path, body, status, type) => {
    const answer = await post(path, body);
    expect([answer.status, (answer.body as Errors).type]).toEqual([status, `/problems/${type}`]);
  });

  it.each([
    ['{', 400],
    ['{"a":1', 400],
    ['{"__proto__":{}}', 400],
    ['<a/>', 415],
  ])('cannot be read: %s', async (body, status) => {
    const type = status === 415 ? 'text/xml' : 'application/json';
    const answer = await api.request(`${NODE}/ack`, { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer.status).toBe(status);
  });

  it('is not taken while the log is away', async () => {
    api.bus.publish = () => Promise.reject(new BusUnavailable('not within 5 s'));
    const answer = await post(`${NODE}/heartbeat`, {});
    expect([answer.status, (answer.body as Errors).type]).toEqual([503, '/problems/log-unavailable']);
    expect(answer.headers.get('retry-after')).not.toBeNull();
  });
});

describe('what many nodes say', () => {
  const record = (key: string): OutgoingRecord => ({ topic: 'evt.node-heartbeat.v1', key, value: '{}', headers: {} });

  it('goes to the log in few requests', async () => {
    const sizes: number[] = [];
    const sut = new BatchedPublish({
      publish: (records) => {
        sizes.push(records.length);
        return Promise.resolve();
      },
    });
    await Promise.all(Array.from({ length: 1200 }, (_, index) => sut.publish(record(String(index)))));
    expect(sizes).toEqual([500, 500, 200]);
  });

  it('is refused where the log does not keep up', async () => {
    let release: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const sut = new BatchedPublish({ publish: () => stuck });
    const taken = Array.from({ length: 20_000 }, (_, index) => sut.publish(record(String(index))));
    await expect(sut.publish(record('one more'))).rejects.toThrow(/20000 messages wait/);
    release();
    await Promise.all(taken);
    await expect(sut.publish(record('later'))).resolves.toBeUndefined();
  });
});
