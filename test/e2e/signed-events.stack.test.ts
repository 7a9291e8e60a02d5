import { createPrivateKey, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { generateSigningKey, join, type JoinOptions, type Membership } from '../../src/client/sdk.js';
import {
  DEADLINE_TOPICS,
  deadlineId,
  ENVELOPE_TYPE,
  signatureHeaders,
  signatureOf,
  type MessageType,
} from '../../src/messages/index.js';
import { describeStack, until } from '../support/stack.js';
import { Ear } from './ear.js';
import { replayProblems } from './journal.js';
import { say, type Said } from './node-message.js';
import { build, Rollcall } from './rollcall.js';
import { World } from './world.js';

const INTERVAL_MS = 500;
/** Longer than a busy machine stands still. */
const WINDOW_MS = 15_000;

const ENVIRONMENT = {
  SIGNED_EVENTS: 'required',
  LIVENESS_WINDOW_MS: String(WINDOW_MS),
  HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
  DEADLINE_SCAN_INTERVAL_MS: '200',
  MASS_EXPIRY_SHARE_PERCENT: '100',
};

type Keys = { readonly privateKey: KeyObject; readonly publicKey: string };

function newKeys(): Keys {
  const { privateKey, publicKey } = generateSigningKey();
  return { privateKey: createPrivateKey(privateKey), publicKey };
}

const DESCRIBED = { node_type: 'effect', capabilities: ['resize'], endpoints: { api: 'http://10.1.2.3:8080/' } };

describeStack('node A cannot speak as node B where events have to be signed', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let ear: Ear;
  let rollcall: Rollcall;
  const keys = { a: newKeys(), b: newKeys() };
  const members: Membership[] = [];
  const beats = new Map<string, NodeJS.Timeout>();
  /** Event ids of all that A said in the name of others. */
  const forged: string[] = [];

  beforeAll(async () => {
    await build();
    world = await World.create(ENVIRONMENT);
    rollcall = await Rollcall.start(world.environment);
    ear = await Ear.open(world);
    await registers('b', keys.b);
    await registers('a', keys.a);
  });

  afterAll(async () => {
    for (const timer of beats.values()) clearInterval(timer);
    await Promise.all(members.map((member) => member.leave({ withinMs: 2000 })));
    await rollcall?.stop();
    await ear?.close();
    await world?.close();
  });

  /** Without a key: unsigned. */
  async function append({ topic, record: { key, value } }: Said, by: Keys | null): Promise<void> {
    const headers =
      by === null ? {} : signatureHeaders(signatureOf({ topic, key, value }, by.privateKey, by.publicKey));
    await world.append(topic, key, value, headers);
  }

  function beat(nodeId: string, by: Keys | null): void {
    beats.set(
      `${nodeId} ${by?.publicKey}`,
      setInterval(() => void append(say(nodeId, 'NODE_HEARTBEAT'), by).catch(() => undefined), INTERVAL_MS),
    );
  }

  function hush(nodeId: string, by: Keys | null): void {
    clearInterval(beats.get(`${nodeId} ${by?.publicKey}`));
  }

  /** On Kafka, by hand: every message as a program in any language would sign it. */
  async function registers(nodeId: string, by: Keys): Promise<void> {
    await append(say(nodeId, 'NODE_INTROSPECTION', { ...DESCRIBED, incarnation: 100 }), by);
    const accepted = await ear.until(nodeId, 'NODE_REGISTRATION_ACCEPTED');
    const { attempt_id } = accepted.envelope.payload;
    await append(say(nodeId, 'NODE_REGISTRATION_ACKED', { attempt_id }), by);
    await ear.until(nodeId, 'NODE_BECAME_ACTIVE');
    beat(nodeId, by);
  }

  async function joins(nodeId: string, registry: JoinOptions['registry']): Promise<void> {
    const { privateKey, publicKey } = generateSigningKey();
    const member = join({ nodeId, nodeType: 'compute', registry, signals: false, signing: { privateKey } });
    members.push(member);
    await member.whenActive();
    expect(await keyOf(nodeId)).toBe(publicKey);
    expect((await rollcall.get(`/v1/nodes/${nodeId}`)).body).toMatchObject({ publicKey });
  }

  async function rowOf(
    nodeId: string,
  ): Promise<{ state: string; version: number; status: string; public_key: string }> {
    const [row] = await world.rows<{ state: string; version: number; status: string; public_key: string }>(
      `select state, version, status, public_key from machine_states where machine = 'orchestrator' and node_id = $1`,
      [nodeId],
    );
    if (row === undefined) throw new Error(`${nodeId} is not known`);
    return row;
  }

  const keyOf = async (nodeId: string): Promise<string> => (await rowOf(nodeId)).public_key;

  async function doubted(message: MessageType, reason: string): Promise<number> {
    const text = await (await fetch(`${rollcall.url}/metrics`)).text();
    const line = new RegExp(
      `^rollcall_doubted_messages_total\\{message="${message}",reason="${reason}"\\} (\\d+)$`,
      'm',
    );
    return Number(line.exec(text)?.[1] ?? 0);
  }

  /** Waits until the registry has counted so many of each more than before. */
  async function attack(
    how: () => Promise<readonly Said[]>,
    expected: readonly (readonly [MessageType, string, number])[],
  ): Promise<void> {
    const before = await Promise.all(expected.map(([type, reason]) => doubted(type, reason)));
    for (const { eventId } of await how()) forged.push(eventId);
    for (const [index, [type, reason, count]] of expected.entries()) {
      await until(async () => (await doubted(type, reason)) >= (before[index] ?? 0) + count, {
        what: `${count} more of ${type} to be doubted as ${reason}`,
      });
    }
  }

  /** In the name of B, as B or as the registry would say it. */
  const inTheNameOf = (nodeId: string): readonly Said[] => [
    say(nodeId, 'NODE_INTROSPECTION', { ...DESCRIBED, endpoints: { api: 'http://6.6.6.6/' }, incarnation: 900 }),
    say(nodeId, 'NODE_INTROSPECTION', { ...DESCRIBED, reason: 'shutdown', incarnation: 900 }),
    say(nodeId, 'NODE_REGISTRATION_ACKED'),
    say(nodeId, 'DEREGISTER_NODE'),
    say(nodeId, 'DEREGISTER_NODE', {}, { source_node_id: world.registryId }),
    say(nodeId, 'REGISTER_NODE', { ...DESCRIBED, public_key: keys.a.publicKey }, { source_node_id: world.registryId }),
  ];

  async function unharmed(nodeId: string, before: { state: string; version: number }): Promise<void> {
    const { state, version } = await rowOf(nodeId);
    expect({ state, version }).toEqual({ state: before.state, version: before.version });
    const steps = await world.rows('select event_id from journal where event_id = any($1::uuid[])', [forged]);
    expect(steps).toEqual([]);
    const causes = ear.records.filter(({ envelope }) => forged.includes(envelope.causation_id ?? ''));
    expect(causes.map(({ envelope }) => envelope.event_type)).toEqual([]);
  }

  const ways: readonly (readonly [string, () => Keys | null, string])[] = [
    ['signed with its own key', () => keys.a, 'wrong_key'],
    ['not signed', () => null, 'unsigned'],
  ];
  it.each(ways)('on Kafka, %s, while others register', async (_how, by, reason) => {
    const before = await rowOf('b');
    const joining = joins(`sdk-kafka-${reason}`, {
      kafka: { brokers: world.environment['KAFKA_BROKERS']!.split(','), topicPrefix: world.names.prefix },
    });
    await attack(async () => {
      const said = inTheNameOf('b');
      for (const one of said) await append(one, by());
      return said;
    }, [
      ['NODE_INTROSPECTION', reason, 2],
      ['NODE_REGISTRATION_ACKED', reason, 1],
      ['DEREGISTER_NODE', reason, 2],
      ['REGISTER_NODE', reason, 1],
    ]);
    await joining;
    await unharmed('b', before);
  });

  it('by a marker that says that the time of B is over, to the millisecond', async () => {
    const before = await rowOf('b');
    await attack(async () => {
      const said: Said[] = [];
      for (const by of [null, keys.a]) {
        const [row] = await world.rows<{ deadline_at: Date }>(
          `select deadline_at from machine_states where machine = 'orchestrator' and node_id = 'b'`,
        );
        const at = row!.deadline_at.toISOString();
        const marker = say(
          'b',
          'NODE_HEARTBEAT',
          { kind: 'liveness', deadline_at: at },
          {
            event_id: deadlineId('b', 'liveness', at),
            event_type: 'DEADLINE_PASSED',
            source_node_id: world.registryId,
          },
        );
        await append({ ...marker, topic: DEADLINE_TOPICS.liveness }, by);
        said.push(marker);
      }
      return said;
    }, [
      ['DEADLINE_PASSED', 'unsigned', 1],
      ['DEADLINE_PASSED', 'wrong_key', 1],
    ]);
    await unharmed('b', before);
  });

  it('by the signature of another message of B: that is a dead letter', async () => {
    const before = await rowOf('b');
    const stolen = await ear.until('b', 'NODE_INTROSPECTION');
    expect(stolen.headers['public_key']).toBe(keys.b.publicKey);
    const { signature, public_key } = stolen.headers as { signature: string; public_key: string };
    const said = say('b', 'NODE_INTROSPECTION', { reason: 'shutdown', node_type: 'effect' });
    await attack(async () => {
      await world.append(said.topic, 'b', said.record.value, { signature, public_key });
      return [said];
    }, [['NODE_INTROSPECTION', 'broken', 1]]);
    const letter = await ear.until('b', 'DEAD_LETTER');
    expect(letter.envelope.payload).toMatchObject({ cause: 'malformed', reason: expect.stringContaining('signature') });
    await unharmed('b', before);
  });

  it('by the gateway, whatever it sends, while others register there', async () => {
    const before = await rowOf('b');
    const joining = joins('sdk-http', { url: rollcall.url });
    const post = async (path: string, body: string, headers: Record<string, string>): Promise<void> => {
      const answer = await fetch(`${rollcall.url}/v1/nodes/b/${path}`, { method: 'POST', body, headers });
      expect(answer.status).toBe(202);
    };
    await attack(async () => {
      const said = inTheNameOf('b').slice(0, 3);
      const paths = ['introspection', 'introspection', 'ack'];
      for (const [index, { topic, eventId, record }] of said.entries()) {
        const { signature, publicKey } = signatureOf({ topic, ...record }, keys.a.privateKey, keys.a.publicKey);
        await post(paths[index]!, record.value, {
          'content-type': ENVELOPE_TYPE,
          'x-signature': signature,
          'x-public-key': publicKey,
        });
        const { node_id: _, ...fields } = (JSON.parse(record.value) as { payload: Record<string, unknown> }).payload;
        const camel = { nodeType: 'effect', reason: fields['reason'] };
        const plain: object = paths[index] === 'ack' ? {} : camel;
        await post(paths[index]!, JSON.stringify(plain), { 'content-type': 'application/json', 'x-event-id': eventId });
      }
      return said;
    }, [
      ['NODE_INTROSPECTION', 'wrong_key', 2],
      ['NODE_INTROSPECTION', 'unsigned', 2],
      ['NODE_REGISTRATION_ACKED', 'wrong_key', 1],
      ['NODE_REGISTRATION_ACKED', 'unsigned', 1],
    ]);
    await joining;
    await unharmed('b', before);
  });

  it('an unsigned stranger is told why it is rejected', async () => {
    await append(say('stranger', 'NODE_INTROSPECTION', DESCRIBED), null);
    const { envelope } = await ear.until('stranger', 'NODE_REGISTRATION_REJECTED');
    expect(envelope.payload).toMatchObject({ reason_code: 'signature_required' });
  });

  it('an operator commands as before, and his commands on the log are signed by the registry', async () => {
    const answer = await fetch(`${rollcall.url}/v1/nodes/sdk-http`, {
      method: 'DELETE',
      headers: { prefer: 'wait=30' },
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'success' }]);
    const command = await ear.until('sdk-http', 'DEREGISTER_NODE');
    expect(command.headers).toHaveProperty('signature');
  });

  it('a node deregisters itself, with its own signature', async () => {
    hush('a', keys.a);
    await append(say('a', 'DEREGISTER_NODE', { reason: 'tired' }), keys.a);
    await ear.until('a', 'NODE_DEREGISTERED');
  });

  it('gets another key from an operator, and from nobody else', async () => {
    const next = newKeys();
    const answer = await fetch(`${rollcall.url}/v1/nodes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
      body: JSON.stringify({
        nodeId: 'b',
        nodeType: 'effect',
        capabilities: ['resize'],
        endpoints: { api: 'http://10.1.2.3:8080/' },
        publicKey: next.publicKey,
      }),
    });
    expect([201, 202]).toContain(answer.status);
    await until(async () => (await keyOf('b')) === next.publicKey, { what: 'the key of b to be the new one' });
    hush('b', keys.b);
    keys.a = keys.b;
    keys.b = next;
    beat('b', keys.b);
    const before = await rowOf('b');
    await attack(async () => {
      const said = say('b', 'NODE_INTROSPECTION', { reason: 'shutdown', node_type: 'effect', incarnation: 901 });
      await append(said, keys.a);
      return [said];
    }, [['NODE_INTROSPECTION', 'wrong_key', 1]]);
    expect(before.status).toBe('active');
    await unharmed('b', { ...before, version: (await rowOf('b')).version, state: (await rowOf('b')).state });
  });

  it('cannot keep B alive: not with its own beats, nor unsigned ones, nor those that B has sent', async () => {
    hush('b', keys.b);
    expect(ear.of('b', 'NODE_LIVENESS_EXPIRED')).toEqual([]);
    const old = ear.of('b', 'NODE_HEARTBEAT')[0]!;
    beat('b', keys.a);
    beat('b', null);
    beats.set(
      'b replayed',
      setInterval(() => {
        const { signature, public_key } = old.headers as { signature: string; public_key: string };
        void world.append(old.topic, 'b', old.value, { signature, public_key }).catch(() => undefined);
      }, INTERVAL_MS),
    );
    await ear.until('b', 'NODE_LIVENESS_EXPIRED');
    expect(await doubted('NODE_HEARTBEAT', 'wrong_key')).toBeGreaterThan(0);
    expect(await doubted('NODE_HEARTBEAT', 'unsigned')).toBeGreaterThan(0);
  });

  it('and the journal replays to the byte', async () => {
    const { entries, problems } = await replayProblems(world);
    expect(problems).toEqual([]);
    expect(entries).toBeGreaterThan(20);
  });
});
