import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { encode, headersOf, topicOf, type Message } from '../../src/messages/index.js';
import { acked, at, completed, deadlinePassed, deregisterNode, id, introspection } from '../support/builders.js';
import { describeStack, uniqueName, until } from '../support/stack.js';
import { Decider, heardAs, Reader } from './gateway-support.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type TestApi } from './test-app.js';

const TYPES = ['NODE_REGISTRATION_ACCEPTED', 'NODE_REGISTRATION_ACK_RECEIVED', 'NODE_BECAME_ACTIVE'];

describeStack('the event stream of a node', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;
  let registry: Decider;
  let readers: Reader[] = [];

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
    registry = new Decider(state.database, api.bus);
  });
  afterEach(() => {
    for (const reader of readers) reader.close();
    readers = [];
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  async function read(nodeId: string, headers?: Record<string, string>, query = ''): Promise<Reader> {
    const reader = await Reader.open(`${api.url}/v1/nodes/${nodeId}/events${query}`, headers);
    readers.push(reader);
    return reader;
  }

  const caughtUp = (reader: Reader) => until(() => reader.comments.includes('up to date'), { what: 'the backlog' });
  const heard = (reader: Reader, count: number) =>
    until(() => reader.told.length >= count, { what: `${count} events` });

  it('brings an unknown node what happens from its opening on, byte for byte as on Kafka', async () => {
    const nodeId = uniqueName('new');
    const reader = await read(nodeId);
    await caughtUp(reader);
    expect(reader.position).toBe('0.0');
    await registry.activate(nodeId);
    await heard(reader, 3);
    expect(reader.types).toEqual(TYPES);
    expect(reader.told.map((told) => told.id)).toEqual(['2.0', '3.0', '3.1']);
    expect(reader.told.map(({ data }) => data)).toEqual(registry.values(nodeId, TYPES));
  });

  it('does not repeat to a node that is known what happened before', async () => {
    const nodeId = uniqueName('known');
    await registry.activate(nodeId);
    const reader = await read(nodeId);
    await caughtUp(reader);
    expect([reader.position, reader.told]).toEqual(['3.1', []]);
  });

  it.each([
    ['0.0', ['2.0', '3.0', '3.1']],
    ['2.0', ['3.0', '3.1']],
    ['3.0', ['3.1']],
    ['3.1', []],
    ['2.7', ['3.0', '3.1']],
    ['9.0', ['2.0', '3.0', '3.1']],
  ])('goes on behind %s', async (last, ids) => {
    const nodeId = uniqueName('resumed');
    await registry.activate(nodeId);
    for (const reader of [
      await read(nodeId, { 'last-event-id': last }),
      await read(nodeId, {}, `?lastEventId=${last}`),
    ]) {
      await caughtUp(reader);
      expect(reader.told.map((told) => told.id)).toEqual(ids);
    }
  });

  it('goes by the header where a client sends both, and takes an empty id for none', async () => {
    const nodeId = uniqueName('both');
    await registry.activate(nodeId);
    const both = await read(nodeId, { 'last-event-id': '3.0' }, '?lastEventId=2.0');
    const none = await read(nodeId, { 'last-event-id': '' });
    await Promise.all([caughtUp(both), caughtUp(none)]);
    expect(both.told.map((told) => told.id)).toEqual(['3.1']);
    expect(none.told).toEqual([]);
  });

  it('has no gaps and no doubles for readers that come and go while steps are taken', async () => {
    const nodes = Array.from({ length: 8 }, () => uniqueName('busy'));
    const course = [...TYPES, 'NODE_REGISTRATION_UPDATED', 'NODE_DEREGISTERED'];
    const positions = new Map(nodes.map((nodeId) => [nodeId, '0.0']));
    const ids = new Map(nodes.map((nodeId): [string, string[]] => [nodeId, []]));
    const data = new Map(nodes.map((nodeId): [string, string[]] => [nodeId, []]));
    async function live(nodeId: string): Promise<void> {
      await registry.activate(nodeId);
      for (let n = 4; n < 20; n += 2) {
        await registry.decide(nodeId, introspection(n, { metadata: { round: n } }));
        const update = { attempt: 1, version: n, kind: 'update', revision: n } as const;
        await registry.decide(nodeId, completed(n + 1, update));
      }
      await registry.decide(nodeId, deregisterNode(20));
      await registry.decide(nodeId, completed(21, { attempt: 1, version: 20, kind: 'deregister', revision: 30 }));
    }
    const lives = Promise.all(nodes.map(live));
    const hasHeardTheEnd = (nodeId: string) =>
      data.get(nodeId)?.includes(registry.values(nodeId, ['NODE_DEREGISTERED'])[0] ?? 'none') === true;
    async function comeAndGo(nodeId: string): Promise<void> {
      for (let times = 0; times < 12 || !hasHeardTheEnd(nodeId); times += 1) {
        const reader = await read(nodeId, { 'last-event-id': positions.get(nodeId) ?? '' });
        await caughtUp(reader);
        reader.close();
        for (const told of reader.told) {
          ids.get(nodeId)?.push(told.id);
          data.get(nodeId)?.push(told.data);
        }
        positions.set(nodeId, reader.told.at(-1)?.id ?? positions.get(nodeId) ?? '');
      }
    }
    await Promise.all([lives, ...nodes.map(comeAndGo)]);
    for (const nodeId of nodes) {
      expect(data.get(nodeId)).toEqual(registry.values(nodeId, course));
      expect(new Set(ids.get(nodeId)).size).toBe(ids.get(nodeId)?.length);
    }
  });

  it('serves many nodes at once, each its own', async () => {
    const nodes = Array.from({ length: 60 }, (_, index) => `${uniqueName('many')}-${index}`);
    const open = await Promise.all(nodes.map((nodeId) => read(nodeId)));
    await Promise.all(nodes.map((nodeId) => registry.activate(nodeId)));
    await Promise.all(open.map((reader) => heard(reader, 3)));
    for (const [index, reader] of open.entries()) {
      expect(reader.told.map(({ data }) => data)).toEqual(registry.values(nodes[index] ?? '', TYPES));
    }
  });

  it('tells the end of a silent node, and the request that leads back', async () => {
    const nodeId = uniqueName('late');
    const reader = await read(nodeId);
    await registry.decide(nodeId, introspection(1));
    await registry.decide(nodeId, completed(2, { attempt: 1, version: 1 }));
    const { rows } = await state.database.pool.query<{ deadline_at: Date }>(
      `select deadline_at from machine_states where machine = 'orchestrator' and node_id = $1`,
      [nodeId],
    );
    const deadline = rows[0]?.deadline_at.toISOString() ?? at(0);
    await registry.decide(nodeId, deadlinePassed(3, 'ack', deadline));
    await heard(reader, 3);
    await caughtUp(reader);
    expect(reader.types).toEqual([TYPES[0], 'NODE_REGISTRATION_ACK_TIMED_OUT', 'REGISTRY_REQUEST_INTROSPECTION']);
    // The request stands in the journal, so it has a position, and comes once though the bus tells of it, too.
    expect(reader.told.at(-1)?.id).toBe('3.2');
    await registry.decide(nodeId, introspection(4));
    await registry.decide(nodeId, completed(5, { attempt: 4, version: 4 }));
    await heard(reader, 4);
    expect(reader.types.at(-1)).toBe('NODE_REGISTRATION_ACCEPTED');
  });

  describe('requests to introspect that stand in no journal', () => {
    function request(target?: string): Message<'REGISTRY_REQUEST_INTROSPECTION'> {
      return {
        eventId: id(77),
        eventType: 'REGISTRY_REQUEST_INTROSPECTION',
        eventTimestamp: at(0),
        sourceNodeId: 'rollcall',
        correlationId: id(78),
        causationId: null,
        payload: { nodeId: target ?? 'rollcall', targetNodeId: target },
      };
    }
    function tell(message: Message<'REGISTRY_REQUEST_INTROSPECTION'>): void {
      const topic = topicOf(message.eventType);
      const record = { topic, key: message.payload.nodeId, value: encode(message), headers: headersOf(message) };
      for (const follower of api.bus.followers) follower.heard([heardAs(record)]);
    }

    it('are passed on without moving the position: to all, or to one', async () => {
      const [one, other] = [uniqueName('one'), uniqueName('other')];
      await registry.activate(one);
      const [reader, second] = [await read(one), await read(other)];
      await Promise.all([caughtUp(reader), caughtUp(second)]);
      tell(request());
      tell(request(one));
      await Promise.all([heard(reader, 2), heard(second, 1)]);
      expect(reader.told.map((told) => told.data)).toEqual([encode(request()), encode(request(one))]);
      expect([reader.position, second.position]).toEqual(['3.1', '0.0']);
      await registry.activate(other);
      await heard(second, 4);
      expect(second.types).toEqual(['REGISTRY_REQUEST_INTROSPECTION', ...TYPES]);
    });
  });

  it('waits for a reader that does not read, and brings him everything when he does', async () => {
    const nodeId = uniqueName('slow');
    const socket = await rawReader(api.url, nodeId);
    socket.pause();
    // What a node can do is told when it becomes active: 12 MB in the end, far more than fits between the two.
    const capabilities = { ballast: 'x'.repeat(200_000) };
    const rounds = Array.from({ length: 60 }, (_, index) => 1 + index * 3);
    for (const n of rounds) {
      await registry.decide(nodeId, introspection(n, { incarnation: n, capabilities }));
      await registry.decide(nodeId, completed(n + 1, { attempt: n, version: n }));
      await registry.decide(nodeId, acked(n + 2, n));
    }
    let received = '';
    socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
    socket.resume();
    await until(() => received.includes('id: 180.1'), { what: 'the last event' });
    const ids = [...received.matchAll(/^id: (.*)$/gm)].map(([, text]) => text);
    expect(ids).toEqual(['0.0', ...rounds.flatMap((n) => [`${n + 1}.0`, `${n + 2}.0`, `${n + 2}.1`])]);
    socket.destroy();
  });

  it('ends with the server, which does not wait for readers', async () => {
    const other = await startApi(state.database);
    const reader = await Reader.open(`${other.url}/v1/nodes/${uniqueName('end')}/events`);
    const silent = await rawReader(other.url, uniqueName('end'));
    silent.pause();
    await other.close();
    await until(() => reader.hasEnded, { what: 'the end of the stream' });
    silent.destroy();
  });

  it.each([
    ['/v1/nodes/-x/events', {}, 'nodeId'],
    ['/v1/nodes/a/events?lastEventId=x', {}, 'lastEventId'],
    ['/v1/nodes/a/events?lastEventId=1.0&lastEventId=2.0', {}, 'lastEventId'],
    ['/v1/nodes/a/events?from=1.0', {}, 'from'],
    ['/v1/nodes/a/events', { 'last-event-id': '1' }, 'Last-Event-ID'],
    ['/v1/nodes/a/events', { 'last-event-id': '-1.0' }, 'Last-Event-ID'],
    ['/v1/nodes/a/events', { 'last-event-id': '99999999999.0' }, 'Last-Event-ID'],
    ['/v1/nodes/a/events', { 'last-event-id': `1.${'0'.repeat(300)}` }, 'Last-Event-ID'],
  ])('refuses %s with %j', async (path, headers, field) => {
    const { status, body } = await api.request(path, { headers });
    expect([status, (body as { errors: { field: string }[] }).errors.map((error) => error.field)]).toEqual([
      400,
      [field],
    ]);
  });

  it('answers HEAD without a stream', async () => {
    const { status, headers } = await api.request('/v1/nodes/a/events', { method: 'HEAD' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  });
});

/** A reader that can stop to read. */
async function rawReader(url: string, nodeId: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /v1/nodes/${nodeId}/events HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  await new Promise((resolve, reject) => socket.once('readable', resolve).once('error', reject));
  return socket;
}
