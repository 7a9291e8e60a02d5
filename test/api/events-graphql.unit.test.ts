import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient, type Client, type ExecutionResult } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Database } from '../../src/runtime/index.js';
import { until } from '../support/stack.js';
import { startApi, type TestApi } from './test-app.js';

const DATABASE = { pool: {} } as Pick<Database, 'pool'>;
const QUERY = `subscription ($filter: NodeEventFilter, $after: String) {
  nodeEvents(filter: $filter, after: $after) {
    cursor eventId eventType nodeId occurredAt correlationId causationId payload
  }
}`;

const INIT = { type: 'connection_init' };
const SUBSCRIBE = { type: 'subscribe', id: '1', payload: { query: QUERY } };

type Told = { readonly cursor: string; readonly eventId: string; readonly nodeId: string; readonly payload: object };
type Stream = {
  readonly told: Told[];
  readonly results: ExecutionResult[];
  failure: unknown;
  hasEnded: boolean;
  stop: () => void;
};

let api: TestApi;
let clients: Client[] = [];
let sockets: WebSocket[] = [];
beforeEach(async () => {
  api = await startApi(DATABASE);
});
afterEach(async () => {
  for (const client of clients) await client.dispose();
  for (const socket of sockets) socket.terminate();
  clients = [];
  sockets = [];
  await api.close();
});

function client(): Client {
  const made = createClient({ url: `${api.url}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  clients.push(made);
  return made;
}

function subscribe(variables: Record<string, unknown> = {}, query = QUERY, by = client()): Stream {
  const stream: Stream = { told: [], results: [], failure: undefined, hasEnded: false, stop: () => undefined };
  stream.stop = by.subscribe<{ nodeEvents: Told }>(
    { query, variables },
    {
      next: (result) => {
        stream.results.push(result as ExecutionResult);
        if (result.data) stream.told.push(result.data.nodeEvents);
      },
      error: (error) => (stream.failure = error),
      complete: () => (stream.hasEnded = true),
    },
  );
  return stream;
}

const followed = () => until(() => api.events.followed === 1, { what: 'a follower' });
/** The metric says when each subscription has begun. */
async function begun(count: number): Promise<void> {
  const line = `rollcall_event_followers{protocol="graphql"} ${count}`;
  await until(async () => (await api.request('/metrics')).text.includes(line), { what: line });
}
const heard = (stream: Stream, count: number) => until(() => stream.told.length >= count, { what: `${count} events` });
const failed = (stream: Stream) => until(() => stream.failure, { what: 'an error' });

describe('subscription nodeEvents', () => {
  it('tells what happens, with payloads in camelCase but for what a node wrote itself', async () => {
    const stream = subscribe();
    await begun(1);
    const id = api.events.say('a', 'NODE_BECAME_ACTIVE', { attempt_id: 'x', capabilities: { snake_case: true } });
    await heard(stream, 1);
    expect(stream.told).toEqual([
      {
        cursor: expect.stringMatching(/^[\w-]{20,}$/),
        eventId: id,
        eventType: 'NODE_BECAME_ACTIVE',
        nodeId: 'a',
        occurredAt: expect.stringMatching(/Z$/),
        correlationId: id,
        causationId: null,
        payload: { nodeId: 'a', attemptId: 'x', capabilities: { snake_case: true } },
      },
    ]);
  });

  it('filters, and goes on after a cursor of either protocol', async () => {
    const by = client();
    const [one, other] = [
      subscribe({ filter: { nodeId: 'a' } }, QUERY, by),
      subscribe({ filter: { eventType: ['NODE_DEREGISTERED', 'NODE_BECAME_ACTIVE'] } }, QUERY, by),
    ];
    await begun(2);
    const ids = (['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE', 'NODE_DEREGISTERED'] as const).map((type) => api.events.say('a', type)); // prettier-ignore
    const last = api.events.say('b', 'NODE_DEREGISTERED');
    await Promise.all([heard(one, 3), heard(other, 3)]);
    expect(one.told.map(({ eventId }) => eventId)).toEqual(ids);
    expect(other.told.map(({ eventId }) => eventId)).toEqual([...ids.slice(1), last]);
    const again = subscribe({ after: one.told[0]?.cursor, filter: { eventType: 'NODE_DEREGISTERED' } });
    await heard(again, 2);
    expect(again.told.map(({ eventId }) => eventId)).toEqual([ids[2], last]);
  });

  it('ends with a cursor to go on from where events are gone', async () => {
    const first = subscribe();
    await begun(1);
    api.events.say('a', 'NODE_BECAME_ACTIVE');
    await heard(first, 1);
    const said = [1, 2, 3].map(() => api.events.say('a', 'NODE_BECAME_ACTIVE'));
    api.events.forgetAllBut(1);
    const stream = subscribe({ after: first.told[0]?.cursor });
    const [error] = (await failed(stream)) as { extensions: Record<string, unknown> }[];
    expect(error?.extensions).toMatchObject({ type: '/problems/events-lost', status: 410, reason: 'expired' });
    const again = subscribe({ after: error?.extensions['cursor'] });
    await heard(again, 1);
    expect(again.told.map(({ eventId }) => eventId)).toEqual(said.slice(2));
  });

  it('lets the log rest when it is over', async () => {
    const stream = subscribe();
    await followed();
    stream.stop();
    await until(() => api.events.followed === 0, { what: 'rest' });
    expect(stream.failure).toBeUndefined();
  });

  it('lets the log rest when a connection breaks', async () => {
    const socket = await admitted();
    send(socket, SUBSCRIBE);
    await followed();
    socket.terminate();
    await until(() => api.events.followed === 0, { what: 'rest' });
  });

  it.each([
    ['a cursor that is none', { after: 'x' }, 'after'],
    ['a type that does not exist', { filter: { eventType: ['NODE_DIED'] } }, 'filter.eventType.0'],
    ['no type', { filter: { eventType: [] } }, 'filter.eventType'],
    ['a node id that is none', { filter: { nodeId: '-' } }, 'filter.nodeId'],
  ])('refuses %s', async (_, variables, field) => {
    const [error] = (await failed(subscribe(variables))) as {
      extensions: { errors: { field: string }[] };
    }[];
    expect(error?.extensions).toMatchObject({ type: '/problems/validation', status: 400 });
    expect(error?.extensions.errors.map((one) => one.field)).toEqual([field]);
  });

  it('says that it does not go now, while the log is away', async () => {
    api.events.isAway = true;
    expect(await failed(subscribe())).toMatchObject([
      { extensions: { type: '/problems/log-unavailable', status: 503 } },
    ]);
  });

  it('takes queries on the same connection', async () => {
    const stream = subscribe({}, '{ __typename }');
    await until(() => stream.hasEnded, { what: 'the answer' });
    expect(stream.results).toEqual([{ data: { __typename: 'Query' } }]);
  });

  it('is not taken over HTTP', async () => {
    const query = 'subscription { nodeEvents { cursor } }';
    for (const answer of [await api.graphql(query), await api.request(`/graphql?query=${encodeURIComponent(query)}`)]) {
      expect([answer.status, answer.text.includes('over a WebSocket')]).toEqual([400, true]);
    }
    expect(api.events.followed).toBe(0);
  });
});

describe('limits of what is asked over a socket', () => {
  it.each([
    ['more aliases than it may have', `subscription { nodeEvents { ${Array.from({ length: 30 }, (_, n) => `a${n}: cursor`).join(' ')} } }`, /aliases/], // prettier-ignore
    [
      'more operations than one',
      'subscription A { nodeEvents { cursor } } subscription B { nodeEvents { cursor } }',
      /operations/,
    ],
    ['more than one field', 'subscription { a: nodeEvents { cursor } b: nodeEvents { cursor } }', /one|only/i],
    ['a long document', `subscription { nodeEvents { cursor } } #${'x'.repeat(17_000)}`, /characters/],
    ['many tokens', `subscription { nodeEvents { ${'cursor '.repeat(1100)} } }`, /tokens/],
    ['a field that is not there', 'subscription { nodeEvents { secret } }', /secret/],
    ['no GraphQL', '{"kind":"Document"}', /Syntax/],
    ['a costly query', '{ nodes(first: 1000) { edges { node { id nodeId state nodeType degraded revision attemptId updatedAt nodeVersion capabilities endpoints metadata registeredAt lastHeartbeatAt incarnation } cursor } } more: nodes(first: 1000) { edges { node { id nodeId state nodeType degraded revision attemptId updatedAt nodeVersion capabilities endpoints metadata registeredAt lastHeartbeatAt incarnation } } } third: nodes(first: 1000) { edges { node { id nodeId state nodeType degraded revision attemptId updatedAt nodeVersion capabilities endpoints metadata registeredAt lastHeartbeatAt incarnation } } } fourth: nodes(first: 1000) { edges { node { id nodeId state nodeType degraded revision attemptId updatedAt } } } }', /cost/], // prettier-ignore
  ])('refuse %s', async (_, query, message) => {
    const errors = (await failed(subscribe({}, query))) as { message: string; extensions: object }[];
    expect(errors.map((error) => error.message).join('\n')).toMatch(message);
    expect(errors[0]?.extensions).toMatchObject({ type: '/problems/validation' });
    expect(api.events.followed).toBe(0);
  });

  it('refuse an operation name that is not there', async () => {
    const socket = await admitted();
    const messages = heardOn(socket);
    send(socket, { type: 'subscribe', id: '1', payload: { query: '{ __typename }', operationName: 'x' } });
    await until(() => messages.some(({ type }) => type === 'error'), { what: 'an error' });
  });

  it('have room for sixteen operations of a connection', async () => {
    const by = client();
    const streams = Array.from({ length: 17 }, () => subscribe({}, QUERY, by));
    await begun(16);
    await until(() => streams.filter(({ failure }) => failure).length === 1, { what: 'a refusal' });
    expect(streams.at(-1)?.failure).toMatchObject([{ message: expect.stringMatching(/16 operations/) }]);
  });
});

describe('a socket', () => {
  it.each<[string, readonly (object | string | Buffer)[], number]>([
    ['says no JSON', [INIT, 'x'], 4400],
    ['says something else', [INIT, { type: 'start', id: '1' }], 4400],
    ['sends a parsed document', [INIT, { ...SUBSCRIBE, payload: { query: { kind: 'Document' } } }], 4400],
    ['sends bytes', [INIT, Buffer.from('{"type":"ping"}')], 4400],
    ['subscribes before it is admitted', [SUBSCRIBE], 4401],
    ['initialises twice', [INIT, INIT], 4429],
    ['uses an id twice', [INIT, SUBSCRIBE, SUBSCRIBE], 4409],
    ['says too much at once', [INIT, { ...INIT, payload: { x: 'x'.repeat(70_000) } }], 1009],
    // Ten times what a second allows: too much however many seconds they take.
    ['says too much', [INIT, ...new Array<object>(500).fill({ type: 'ping' })], 1008],
  ])('that %s is closed', async (_, messages, code) => {
    const socket = await open();
    const closed = closing(socket);
    const said = heardOn(socket);
    for (const [index, message] of messages.entries()) {
      send(socket, message);
      if (index === 0 && message === INIT) await until(() => said.length > 0, { what: 'an ack', everyMs: 2 });
    }
    expect(await closed).toBe(code);
    await until(() => api.events.followed === 0, { what: 'rest' });
  });

  it('of another subprotocol is closed', async () => {
    expect(await closing(await open('graphql-ws'))).toBe(4406);
  });

  it.each(['https://evil.example', 'null'])('is not opened for a page of %s', async (origin) => {
    await expect(open('graphql-transport-ws', { origin })).rejects.toThrow('403');
  });

  it('that is refused is no longer held, whether its client leaves or not', async () => {
    const { hostname, port } = new URL(api.url);
    const raw = connect(Number(port), hostname);
    const ended = new Promise((resolve) => raw.once('end', resolve).resume());
    const lines = ['GET /graphql HTTP/1.1', `Host: ${hostname}`, 'Connection: Upgrade', 'Upgrade: websocket'];
    const key = [
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Origin: https://evil.example',
    ];
    raw.write([...lines, ...key, '', ''].join('\r\n'));
    await ended;
  });

  it('of a page of this site is taken', async () => {
    const socket = await open('graphql-transport-ws', { origin: `http://${new URL(api.url).host}` });
    const said = heardOn(socket);
    send(socket, INIT);
    await until(() => said.some(({ type }) => type === 'connection_ack'), { what: 'an ack' });
  });

  it('of a page behind a proxy is taken, by the name that is allowed', async () => {
    const fleet = await startApi(DATABASE, { access: { hosts: { own: '127.0.0.1', allowed: ['fleet.example'] } } });
    try {
      const socket = await open('graphql-transport-ws', { origin: 'https://fleet.example' }, fleet);
      const said = heardOn(socket);
      send(socket, INIT);
      await until(() => said.some(({ type }) => type === 'connection_ack'), { what: 'an ack' });
      socket.terminate();
    } finally {
      await fleet.close();
    }
  });

  it('answers a ping', async () => {
    const socket = await open();
    const said = heardOn(socket);
    send(socket, { type: 'ping' });
    await until(() => said.some(({ type }) => type === 'pong'), { what: 'a pong' });
  });

  it('ends with the server, which does not wait for clients', async () => {
    const other = await startApi(DATABASE);
    const socket = await admitted(other);
    const closed = closing(socket);
    send(socket, SUBSCRIBE);
    await until(() => other.events.followed === 1, { what: 'a follower' });
    await other.close();
    expect(await closed).toBe(1001);
    expect(other.events.followed).toBe(0);
  });

  it('that does not read is left with little, and gets everything when it does', async () => {
    const socket = await admitted();
    const said = heardOn(socket);
    send(socket, { ...SUBSCRIBE, payload: { query: 'subscription { nodeEvents { nodeId payload } }' } });
    await begun(1);
    socket.pause();
    const payload = { ballast: 'x'.repeat(20_000) };
    for (let n = 0; n < 1500; n++) {
      api.events.say(`n-${n}`, 'NODE_BECAME_ACTIVE', payload);
      if (n % 50 === 0) await new Promise(setImmediate);
    }
    const { text } = await api.request('/metrics');
    const sent = Number(/rollcall_events_sent_total\{protocol="graphql"\} (\d+)/.exec(text)?.[1]);
    expect(sent).toBeLessThan(1500);
    socket.resume();
    const nodes = () => said.flatMap((message) => (message.type === 'next' ? [message.payload.data.nodeEvents.nodeId] : [])); // prettier-ignore
    await until(() => nodes().length >= 1500, { what: 'all events' });
    expect(nodes()).toEqual(Array.from({ length: 1500 }, (_, n) => `n-${n}`));
  });
});

type Message = {
  readonly type: string;
  readonly payload: { readonly data: { readonly nodeEvents: { readonly nodeId: string } } };
};

async function open(protocol = 'graphql-transport-ws', headers = {}, { url } = api): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol, { headers });
  sockets.push(socket);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** A socket that may subscribe. */
async function admitted(to = api): Promise<WebSocket> {
  const socket = await open(undefined, undefined, to);
  const ack = new Promise((resolve) => socket.once('message', resolve));
  send(socket, INIT);
  await ack;
  return socket;
}

function send(socket: WebSocket, message: object | string | Buffer): void {
  socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
}

function heardOn(socket: WebSocket): readonly Message[] {
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  return messages;
}

function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}
