import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/runtime/index.js';
import { until } from '../support/stack.js';
import { Reader } from './gateway-support.js';
import { startApi, type TestApi } from './test-app.js';

const DATABASE = { pool: {} } as unknown as Pick<Database, 'pool'>;

let api: TestApi;
let readers: Reader[] = [];
beforeEach(async () => {
  api = await startApi(DATABASE);
});
afterEach(async () => {
  for (const reader of readers) reader.close();
  readers = [];
  await api.close();
});

async function read(query = '', headers?: Record<string, string>): Promise<Reader> {
  const reader = await Reader.open(`${api.url}/v1/events${query}`, headers);
  readers.push(reader);
  return reader;
}

const upToDate = (reader: Reader) => until(() => reader.comments.includes('up to date'), { what: 'the present' });
const heard = (reader: Reader, count: number) => until(() => reader.told.length >= count, { what: `${count} events` });
const values = () => api.events.records.map(({ value }) => value?.toString());

describe('GET /v1/events', () => {
  it('tells what happens, as it stands on Kafka, and gives a place to come back to', async () => {
    const reader = await read();
    await upToDate(reader);
    const begin = reader.position;
    expect(begin).not.toBe('');
    api.events.say('a', 'NODE_REGISTRATION_ACCEPTED', { text: 'two\nlines' });
    api.events.say('b', 'NODE_BECAME_ACTIVE');
    await heard(reader, 2);
    expect(reader.told.map(({ data }) => data)).toEqual(values());
    expect(reader.types).toEqual(['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE']);
    expect(new Set([begin, ...reader.told.map(({ id }) => id)]).size).toBe(3);

    for (const [query, headers] of [
      ['', { 'last-event-id': begin }],
      [`?lastEventId=${begin}`, {}],
      [`?from=now&lastEventId=${begin}`, {}],
      [`?lastEventId=${reader.position}`, { 'last-event-id': begin }],
      ['?from=earliest', {}],
      ['?from=earliest', { 'last-event-id': '' }],
    ] as const) {
      const again = await read(query, headers);
      await upToDate(again);
      expect([query, again.told.map(({ data }) => data)]).toEqual([query, values()]);
    }
    const last = await read('', { 'last-event-id': reader.position });
    await upToDate(last);
    expect(last.told).toEqual([]);
  });

  it('filters by node and by types', async () => {
    const [byNode, byTypes, byBoth] = [
      await read('?nodeId=a'),
      await read('?eventType=NODE_BECAME_ACTIVE,NODE_DEREGISTERED'),
      await read('?nodeId=b&eventType=NODE_BECAME_ACTIVE&eventType=NODE_LIVENESS_EXPIRED'),
    ];
    await Promise.all([byNode, byTypes, byBoth].map(upToDate));
    for (const nodeId of ['a', 'b']) {
      for (const type of ['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE', 'NODE_DEREGISTERED'] as const) {
        api.events.say(nodeId, type);
      }
    }
    await Promise.all([heard(byNode, 3), heard(byTypes, 4), heard(byBoth, 1)]);
    expect(byNode.types).toEqual(['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE', 'NODE_DEREGISTERED']);
    expect(byTypes.types).toEqual(['NODE_BECAME_ACTIVE', 'NODE_DEREGISTERED', 'NODE_BECAME_ACTIVE', 'NODE_DEREGISTERED']); // prettier-ignore
    expect(byBoth.types).toEqual(['NODE_BECAME_ACTIVE']);
  });

  it('says first that events are gone, and goes on with what is left', async () => {
    const reader = await read();
    await upToDate(reader);
    const { position } = reader;
    for (let n = 0; n < 5; n++) api.events.say('a', 'NODE_BECAME_ACTIVE');
    api.events.forgetAllBut(2);
    const again = await read('', { 'last-event-id': position });
    await upToDate(again);
    expect(again.types).toEqual(['gap', 'NODE_BECAME_ACTIVE', 'NODE_BECAME_ACTIVE']);
    expect(JSON.parse(again.told[0]?.data ?? '')).toEqual({ reason: 'expired', detail: expect.any(String) });
    const behind = await read('', { 'last-event-id': again.told[0]?.id ?? '' });
    await upToDate(behind);
    expect(behind.types).toEqual(['NODE_BECAME_ACTIVE', 'NODE_BECAME_ACTIVE']);
  });

  it('brings a reader that does not read everything when he does', async () => {
    const socket = await rawReader(api.url);
    socket.pause();
    const payload = { ballast: 'x'.repeat(50_000) };
    const count = 300;
    for (let n = 0; n < count; n++) {
      api.events.say(`n-${n}`, 'NODE_BECAME_ACTIVE', payload);
      if (n % 20 === 0) await new Promise(setImmediate);
    }
    let received = '';
    socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
    socket.resume();
    await until(() => received.includes(`"node_id":"n-${count - 1}"`), { what: 'the last event' });
    const nodes = [...received.matchAll(/"node_id":"(n-\d+)"/g)].map(([, nodeId]) => nodeId);
    expect(nodes).toEqual(Array.from({ length: count }, (_, n) => `n-${n}`));
    socket.destroy();
  });

  it.each([
    ['?lastEventId=x', {}, 'lastEventId'],
    ['?lastEventId=a&lastEventId=b', {}, 'lastEventId'],
    ['', { 'last-event-id': '7.0' }, 'Last-Event-ID'],
    ['', { 'last-event-id': 'A'.repeat(9000) }, 'Last-Event-ID'],
    ['?from=yesterday', {}, 'from'],
    ['?from=now&from=now', {}, 'from'],
    ['?nodeId=-', {}, 'nodeId'],
    ['?nodeId=a&nodeId=b', {}, 'nodeId'],
    ['?eventType=', {}, 'eventType'],
    ['?eventType=NODE_DIED', {}, 'eventType'],
    ['?eventType=NODE_HEARTBEAT', {}, 'eventType'],
    ['?nodeType=effect', {}, 'nodeType'],
  ])('refuses %s with %j', async (query, headers, field) => {
    const { status, body } = await api.request(`/v1/events${query}`, { headers });
    const fields = (body as { errors: { field: string }[] }).errors.map((error) => error.field.split('.')[0]);
    expect([status, fields]).toEqual([400, [field]]);
    expect(api.events.followed).toBe(0);
  });

  it('says that it does not go now, while the log is away', async () => {
    api.events.isAway = true;
    const { status, headers, body } = await api.request('/v1/events');
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(body).toMatchObject({ type: '/problems/log-unavailable' });
  });

  it('answers HEAD without a stream', async () => {
    const { status, headers } = await api.request('/v1/events', { method: 'HEAD' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(api.events.followed).toBe(0);
  });

  it('lets the log rest when the last reader has gone', async () => {
    const reader = await read();
    await upToDate(reader);
    expect(api.events.followed).toBe(1);
    reader.close();
    await until(() => api.events.followed === 0, { what: 'rest' });
  });

  it('counts', async () => {
    const reader = await read();
    await upToDate(reader);
    api.events.say('a', 'NODE_BECAME_ACTIVE');
    await heard(reader, 1);
    const { text } = await api.request('/metrics');
    expect(text).toContain('rollcall_event_followers{protocol="sse"} 1');
    expect(text).toContain('rollcall_events_sent_total{protocol="sse"} 1');
  });

  it('ends with the server, which does not wait for readers', async () => {
    const other = await startApi(DATABASE);
    const reader = await Reader.open(`${other.url}/v1/events`);
    const silent = await rawReader(other.url);
    silent.pause();
    await other.close();
    await until(() => reader.hasEnded, { what: 'the end of the stream' });
    silent.destroy();
  });
});

/** A client whose reading can be stopped for good. */
async function rawReader(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /v1/events HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  await new Promise<void>((resolve) => {
    let text = '';
    const look = (bytes: Buffer): void => {
      text += bytes.toString();
      if (!text.includes('up to date')) return;
      socket.off('data', look);
      resolve();
    };
    socket.on('data', look);
  });
  return socket;
}
