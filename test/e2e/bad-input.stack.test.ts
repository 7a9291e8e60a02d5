import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { deadLetterId } from '../../src/messages/index.js';
import { describeStack, until } from '../support/stack.js';
import { build, Rollcall } from './rollcall.js';
import { World, type Seen } from './world.js';

const TOPIC = 'evt.node-introspection.v1';

function introspection(nodeId: string, payload: object = {}, envelope: object = {}): string {
  return JSON.stringify({
    envelope_version: '1.0',
    event_id: randomUUID(),
    event_type: 'NODE_INTROSPECTION',
    event_timestamp: new Date().toISOString(),
    source_node_id: nodeId,
    correlation_id: randomUUID(),
    causation_id: null,
    payload: { node_id: nodeId, node_type: 'effect', ...payload },
    ...envelope,
  });
}

type Case = {
  readonly name: string;
  readonly key: string | null;
  readonly value: string | Buffer | null;
  readonly cause: string;
  readonly reason: RegExp;
};

const CASES: readonly Case[] = [
  { name: 'no JSON', key: 'bad-1', value: '{"envelope_version": "1.0", oops', cause: 'malformed', reason: /not JSON/ },
  {
    name: 'a wrong schema',
    key: 'bad-2',
    value: introspection('bad-2', { incarnation: -1 }),
    cause: 'malformed',
    reason: /payload\.incarnation/,
  },
  {
    name: 'a value over 256 KiB',
    key: 'bad-3',
    value: introspection('bad-3', { metadata: { pad: 'x'.repeat(300_000) } }),
    cause: 'too_large',
    reason: /262144/,
  },
  {
    name: 'an unknown event type',
    key: 'bad-4',
    value: introspection('bad-4', {}, { event_type: 'NODE_SANG' }),
    cause: 'unrouted',
    reason: /NODE_SANG/,
  },
  {
    name: 'a type of another topic',
    key: 'bad-5',
    value: introspection('bad-5', {}, { event_type: 'NODE_HEARTBEAT' }),
    cause: 'unrouted',
    reason: /does not belong/,
  },
  { name: 'a tombstone', key: 'bad-6', value: null, cause: 'malformed', reason: /tombstone/ },
  { name: 'no key', key: null, value: introspection('bad-7'), cause: 'malformed', reason: /key is null/ },
  {
    name: 'the key of another node',
    key: 'bad-9',
    value: introspection('bad-8'),
    cause: 'malformed',
    reason: /key is not/,
  },
  {
    name: 'bytes that are no text',
    key: 'bad-10',
    value: Buffer.from([0xff, 0xfe, 0x00]),
    cause: 'malformed',
    reason: /UTF-8/,
  },
  {
    name: 'a NUL character',
    key: 'bad-11',
    value: introspection('bad-11', { metadata: { a: '\u0000' } }),
    cause: 'malformed',
    reason: /NUL/,
  },
  {
    name: 'a secret in a wrong place',
    key: 'bad-12',
    value: introspection('bad-12', { endpoints: ['postgres://u:hunter22@'] }),
    cause: 'malformed',
    reason: /endpoints/,
  },
];

describeStack('bad input on Kafka', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(300_000);
  let world: World;
  let rollcall: Rollcall;
  let letters: readonly Seen[];

  beforeAll(async () => {
    await build();
    world = await World.create({ TOPIC_PARTITIONS: '1' });
    rollcall = await Rollcall.start(world.environment);
    for (const { key, value } of CASES)
      await world.append(TOPIC, key, value, { traceparent: 'trace-1', own: 'header' });
    await world.append(TOPIC, 'good-node', introspection('good-node'));
    await until(
      async () =>
        (await world.rows(`select 1 from machine_states where node_id = 'good-node' and status = 'awaiting_ack'`))
          .length,
      { what: 'the valid message behind the bad ones' },
    );
    letters = await until(
      async () => {
        const written = await world.read(['dlq.v1']);
        return written.length >= CASES.length && written;
      },
      { what: 'a dead letter for each of the bad ones' },
    );
  });

  afterAll(async () => {
    await rollcall?.stop();
    await world?.close();
  });

  it.each(CASES.map((one, offset) => [one.name, one, offset] as const))('%s: one dead letter', (_name, one, offset) => {
    const mine = letters.filter(({ envelope }) => envelope.payload['original_offset'] === String(offset));
    expect(mine).toHaveLength(1);
    const { envelope, key } = mine[0]!;
    expect(key).toBe(one.key);
    expect(envelope.event_id).toBe(deadLetterId(world.names.full(TOPIC), 0, String(offset)));
    expect(envelope.payload).toMatchObject({
      original_topic: world.names.full(TOPIC),
      original_partition: 0,
      original_key: one.key,
      original_headers: { traceparent: 'trace-1', own: 'header' },
      original_value: one.value === null ? null : Buffer.from(one.value).toString('base64'),
      cause: one.cause,
      value_truncated: false,
    });
    expect(envelope.payload['reason']).toMatch(one.reason);
    expect(envelope.payload['reason']).not.toContain('hunter22');
  });

  it('commits past them once they are written', async () => {
    await until(async () => (await world.committed('orchestrator', TOPIC)) === CASES.length + 1, {
      what: 'the offset behind all messages',
    });
    expect(letters).toHaveLength(CASES.length);
  });

  it('rejects what is well formed, but not admissible, with an event that the node can read', async () => {
    await world.append(TOPIC, 'odd-node', introspection('odd-node', { node_type: 'teapot' }));
    const [rejected] = await until(
      async () => {
        const seen = await world.read(['evt.node-registration-rejected.v1']);
        return seen.length > 0 ? seen : false;
      },
      { what: 'the rejection' },
    );
    expect(rejected?.envelope.payload).toMatchObject({ node_id: 'odd-node', reason_code: 'unknown_node_type' });
    expect((await rollcall.get('/v1/nodes/odd-node')).body).toMatchObject({ state: 'rejected' });
  });
});
