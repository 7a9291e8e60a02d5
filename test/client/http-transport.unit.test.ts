import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ANSWER_TYPES,
  heartbeat,
  HttpTransport,
  introspect,
  NOTICE_TYPES,
  stamped,
  TransportUnavailable,
  type Listener,
  type NodeMessageType,
} from '../../src/client/index.js';
import { freePorts } from '../../src/chaos/world/ports.js';
import { descriptionOf } from '../../src/fleet/simulated-node.js';
import type { Message } from '../../src/messages/index.js';
import { until } from '../support/stack.js';
import { answer, ATTEMPT, CORRELATION } from './answers.js';
import { FakeRegistry } from './http-registry.js';

const NODE = 'n-1';

function introspection(nodeId = NODE, incarnation = 1): Message<NodeMessageType> {
  const [saying] = introspect(descriptionOf(nodeId, 0, incarnation), CORRELATION).says;
  if (saying === undefined) throw new Error('a node begins with its introspection');
  return stamped(nodeId, saying);
}

function beat(): Message<NodeMessageType> {
  const active = { status: 'active', correlationId: CORRELATION, attemptId: ATTEMPT, heartbeatIntervalMs: 1, since: '2026-01-01T00:00:00.000Z' } as const; // prettier-ignore
  const [saying] = heartbeat(NODE, active, { uptimeSeconds: 5 }).says;
  if (saying === undefined) throw new Error('an active node is alive');
  return stamped(NODE, saying);
}

function listening() {
  const heard: string[] = [];
  const troubles: string[] = [];
  let together = 0;
  const listener: Listener = {
    types: [...ANSWER_TYPES, ...NOTICE_TYPES],
    knows: () => true,
    hear: ({ nodeId, decoded }) => heard.push(`${nodeId} ${decoded.ok ? decoded.message.eventType : decoded.reason}`),
    heardAll: () => (together += 1),
    trouble: (reason) => troubles.push(reason),
  };
  return { heard, troubles, listener, together: () => together };
}

describe('the HTTP transport', () => {
  let registry: FakeRegistry;
  let url: string;
  let open: HttpTransport[];

  beforeEach(async () => {
    registry = new FakeRegistry();
    url = await registry.start();
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((transport) => transport.close()));
    await registry.stop();
  });

  async function opened(listener: Listener, at = url): Promise<HttpTransport> {
    const transport = new HttpTransport({ url: at });
    open.push(transport);
    await transport.open(listener);
    return transport;
  }

  it('opens the stream of a node before its first message is sent', async () => {
    const sut = await opened(listening().listener);
    const message = introspection();
    await sut.send([message]);
    expect(registry.posted).toMatchObject([
      {
        path: '/v1/nodes/n-1/introspection',
        listening: 1,
        headers: { 'x-event-id': message.eventId, 'x-correlation-id': CORRELATION },
        body: { nodeType: 'effect', reason: 'startup', incarnation: 1 },
      },
    ]);
    expect(registry.posted[0]?.headers).not.toHaveProperty('x-causation-id');
    expect(registry.posted[0]?.body).not.toHaveProperty('nodeId');
  });

  it('keeps the order in which a node speaks, and lets nodes speak at once', async () => {
    const sut = await opened(listening().listener);
    await sut.send([1, 2, 3].flatMap((n) => [introspection('n-1', n), introspection('n-2', n)]));
    for (const nodeId of ['n-1', 'n-2']) {
      const said = registry.posted.filter(({ path }) => path.includes(nodeId));
      expect(said.map(({ body }) => (body as { incarnation: number }).incarnation)).toEqual([1, 2, 3]);
    }
    expect(registry.opened).toHaveLength(2);
  });

  it('keeps a path before its own', async () => {
    const sut = await opened(listening().listener, `${url}/rollcall`);
    await sut.send([beat()]);
    expect(registry.posted[0]?.path).toBe('/rollcall/v1/nodes/n-1/heartbeat');
    expect(registry.posted[0]?.body).toEqual({ uptimeSeconds: 5 });
  });

  it('hears what is said, and says when that was all', async () => {
    const { heard, listener, together } = listening();
    const sut = await opened(listener);
    await sut.send([introspection()]);
    registry.tell(NODE, answer('NODE_REGISTRATION_ACCEPTED'), '2.0');
    registry.tell(NODE, answer('NODE_BECAME_ACTIVE'), '3.1');
    await until(() => heard.length === 2 && together() > 0, { what: 'two answers' });
    expect(heard).toEqual(['n-1 NODE_REGISTRATION_ACCEPTED', 'n-1 NODE_BECAME_ACTIVE']);
  });

  it('hears requests to all nodes by the stream of each', async () => {
    const { heard, listener } = listening();
    const sut = await opened(listener);
    await sut.send([introspection()]);
    const payload = { nodeId: 'rollcall', targetNodeId: undefined };
    registry.tell(NODE, { ...answer('NODE_BECAME_ACTIVE'), eventType: 'REGISTRY_REQUEST_INTROSPECTION', payload });
    await until(() => heard.length === 1, { what: 'the request' });
    expect(heard).toEqual(['n-1 REGISTRY_REQUEST_INTROSPECTION']);
  });

  it('comes back after its last event, without a gap, even if it had heard none', async () => {
    const { heard, troubles, listener } = listening();
    const sut = await opened(listener);
    await sut.send([introspection()]);
    await sut.settle(AbortSignal.timeout(60_000));
    registry.hangUp(NODE);
    registry.tell(NODE, answer('NODE_REGISTRATION_ACCEPTED'), '2.0');
    await until(() => heard.length === 1, { what: 'what was said while it was away' });
    registry.hangUp(NODE);
    registry.tell(NODE, answer('NODE_BECAME_ACTIVE'), '3.1');
    await until(() => heard.length === 2, { what: 'what was said while it was away again' });
    // A connection that takes too long on a busy machine is made once more.
    const behind = registry.opened.slice(1).map(([, last]) => last);
    expect([...new Set(behind)]).toEqual(['0.0', '2.0']);
    expect(troubles.length).toBeGreaterThan(0);
  });

  it('settles when everything said before has been heard', async () => {
    const { heard, listener } = listening();
    const sut = await opened(listener);
    await sut.send([introspection()]);
    for (let n = 2; n < 50; n += 1) registry.tell(NODE, answer('NODE_REGISTRATION_ACCEPTED'), `${n}.0`);
    await sut.settle(AbortSignal.timeout(60_000));
    expect(heard).toHaveLength(48);
  });

  it('sends again under the same id while the registry is away, and says why', async () => {
    const { troubles, listener } = listening();
    const sut = await opened(listener);
    await sut.send([introspection()]);
    const ids: unknown[] = [];
    registry.refuse = ({ method, headers }) => {
      if (method === 'GET') return undefined;
      ids.push(headers['x-event-id']);
      const detail = 'The log does not take messages now.';
      return ids.length < 3 ? { status: 503, body: { detail } } : undefined;
    };
    const message = beat();
    await sut.send([message]);
    expect(ids).toEqual([message.eventId, message.eventId, message.eventId]);
    expect(troubles[0]).toBe('sending fails, trying again: 503: The log does not take messages now.');
  });

  it('sends what it could not send when the registry comes back', async () => {
    const { troubles, listener } = listening();
    // One that the system gives to nobody while the registry is away.
    const port = await freePorts(1);
    await registry.stop();
    registry = new FakeRegistry();
    const sut = await opened(listener, await registry.start(port));
    await sut.send([introspection()]);
    await registry.stop();
    const sent = sut.send([beat()]);
    await until(() => troubles.some((reason) => reason.includes('ECONNREFUSED')), { what: 'a complaint' });
    registry = new FakeRegistry();
    await registry.start(port);
    await sent;
    expect(registry.posted).toHaveLength(1);
  });

  it('does not send again what was refused, and says what is wrong with it', async () => {
    const sut = await opened(listening().listener);
    const errors = [{ in: 'body', field: 'nodeVersion', message: 'must be a semantic version' }];
    registry.refuse = ({ method }) =>
      method === 'POST' ? { status: 400, body: { detail: 'not valid', errors } } : undefined;
    await expect(sut.send([introspection()])).rejects.toThrow(
      'NODE_INTROSPECTION of n-1: 400: not valid; nodeVersion must be a semantic version',
    );
  });

  it('does not send anything where the stream is refused', async () => {
    const sut = await opened(listening().listener);
    registry.refuse = ({ url: path }) => (path?.endsWith('/events') === true ? { status: 404, body: {} } : undefined);
    await expect(sut.send([introspection()])).rejects.toThrow('the event stream is refused, status 404');
    expect(registry.posted).toEqual([]);
  });

  it('waits for a registry that is not ready', async () => {
    const { troubles, listener } = listening();
    registry.refuse = () => (troubles.length < 2 ? { status: 503, body: {} } : undefined);
    await opened(listener);
    expect(troubles[0]).toMatch(/^Rollcall at http.* is there, but not ready \(status 503\)/);
  });

  it('names the registry that is not there when the wait ends', async () => {
    const away = new HttpTransport({ url: 'http://127.0.0.1:1' });
    open.push(away);
    const { listener } = listening();
    await expect(away.open(listener, AbortSignal.timeout(300))).rejects.toThrow(TransportUnavailable);
    await expect(away.open(listener, AbortSignal.abort())).rejects.toThrow(/127\.0\.0\.1:1\/ is not to be had/);
  });

  it('drops what is not sent when it is closed', async () => {
    const sut = await opened(listening().listener);
    registry.refuse = ({ method }) => (method === 'POST' ? { status: 503, body: {} } : undefined);
    const sent = sut.send([introspection(), introspection('n-2')]);
    const refused = expect(sent).rejects.toThrow(/closed|destroyed/);
    await until(() => registry.streamsOf('n-2') === 1, { what: 'the streams' });
    await sut.close();
    await refused;
    await until(() => registry.streamsOf(NODE) === 0, { what: 'the end of the streams' });
  });
});
