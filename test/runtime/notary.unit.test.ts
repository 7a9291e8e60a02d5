import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import {
  encode,
  publicKeyOf,
  REGISTRY_SIGNER,
  signatureHeaders,
  signatureOf,
  topicOf,
  type Input,
} from '../../src/messages/index.js';
import { MarkerPublisher } from '../../src/runtime/deadlines/marker-publisher.js';
import { Activity } from '../../src/runtime/activity.js';
import { readRecord } from '../../src/runtime/lanes/intake.js';
import type { LogRecord, OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { createBus } from '../../src/runtime/process-bus.js';
import { notaryOf } from '../../src/runtime/signatures/notary-of.js';
import { Notary } from '../../src/runtime/signatures/notary.js';
import { Seldom } from '../../src/runtime/signatures/seldom.js';
import { Signatures } from '../../src/runtime/signatures/signatures.js';
import { at, correlation, introspection, NODE } from '../support/builders.js';

const own = generateKeyPairSync('ed25519').privateKey;
const node = generateKeyPairSync('ed25519').privateKey;
const NODE_KEY = publicKeyOf(node);
const log = pino({ level: 'silent' });

function recordOf({ appendedAt, ...message }: Input<'NODE_INTROSPECTION'>, by = node): LogRecord {
  const record = { topic: topicOf(message.eventType), key: NODE, value: encode(message) };
  return {
    ...record,
    topicName: record.topic,
    partition: 0,
    offset: '0',
    key: Buffer.from(NODE),
    value: Buffer.from(record.value),
    headers: signatureHeaders(signatureOf(record, by, publicKeyOf(by))),
    appendedAt,
  };
}

const signed = recordOf(introspection(1));
const unsigned = { ...signed, headers: {} };
const changed = { ...signed, value: Buffer.from(String(signed.value).replace('effect', 'EFFECT')) };

describe('the notary', () => {
  const notary = new Notary('required', own, 2);

  it('tells who has signed: a key, the registry, nobody, or that it is no signature', () => {
    expect(notary.authorOf(signed)).toEqual({ mode: 'required', signedBy: NODE_KEY });
    expect(notary.authorOf(recordOf(introspection(1), own))).toEqual({ mode: 'required', signedBy: REGISTRY_SIGNER });
    expect(notary.authorOf(unsigned)).toEqual({ mode: 'required', signedBy: null });
    expect(notary.authorOf(changed)).toHaveProperty('wrong');
    expect(notary.authorOf({ ...signed, key: Buffer.from('node-2') })).toHaveProperty('wrong');
    expect(notary.authorOf({ ...signed, value: null })).toHaveProperty('wrong');
    expect(notary.authorOf({ ...signed, headers: { signature: 'AAAA' } })).toHaveProperty('wrong');
  });

  it('does not look where only the registry writes', () => {
    expect(notary.authorOf({ ...changed, topic: 'intent.consul.v1' })).toBeUndefined();
    expect(notary.authorOf({ ...unsigned, topic: 'evt.registration-progress.v1' })).toEqual({
      mode: 'required',
      signedBy: null,
    });
  });

  it('knows keys again that it has forgotten', () => {
    const keys = Array.from({ length: 5 }, () => generateKeyPairSync('ed25519').privateKey);
    for (const key of [...keys, ...keys])
      expect(notary.authorOf(recordOf(introspection(1), key))).toEqual({
        mode: 'required',
        signedBy: publicKeyOf(key),
      });
  });

  it('signs what the registry says, as it is', () => {
    const { headers: _, ...rest } = recordOf(introspection(1));
    const outgoing: OutgoingRecord = { topic: rest.topic, key: NODE, value: String(rest.value), headers: { a: 'b' } };
    const { headers, ...same } = notary.sign(outgoing);
    expect(same).toEqual({ topic: rest.topic, key: NODE, value: String(rest.value) });
    expect(headers['a']).toBe('b');
    expect(notary.authorOf({ ...signed, headers })).toEqual({
      mode: 'required',
      signedBy: REGISTRY_SIGNER,
    });
  });
});

describe('the key of the registry', () => {
  it('is agreed on with the other processes, and asked for again where that failed', async () => {
    let stored: string | undefined;
    let away = true;
    const agreeOn = (key: string): Promise<string> => {
      if (away) return Promise.reject(new Error('the database is away'));
      return Promise.resolve((stored ??= key));
    };
    const [one, other] = [notaryOf('warn', agreeOn), notaryOf('warn', agreeOn)];
    await expect(one()).rejects.toThrow('away');
    away = false;
    const [first, second] = [await one(), await other()];
    expect(await one()).toBe(first);
    expect(publicKeyOf(first.privateKey)).toBe(publicKeyOf(second.privateKey));
  });
});

describe('what is read from the log', () => {
  const registry = new Registry();
  const metrics = new RuntimeMetrics(registry);
  const read = async (record: LogRecord, mode: 'warn' | 'required') => {
    const signatures = new Signatures({ notary: () => Promise.resolve(new Notary(mode, own)), log, metrics });
    return readRecord(record, () => null, await signatures.witness());
  };

  it('says by whom it is', async () => {
    expect(await read(signed, 'required')).toMatchObject({
      ok: true,
      authorship: { mode: 'required', signedBy: NODE_KEY },
    });
    expect(await read(unsigned, 'warn')).toMatchObject({ ok: true, authorship: { mode: 'warn', signedBy: null } });
    expect(readRecord(signed, () => null)).toMatchObject({ ok: true, authorship: undefined });
  });

  it('is a dead letter where its signature is none; in mode warn it is unsigned; counted both ways', async () => {
    expect(await read(changed, 'required')).toMatchObject({ ok: false, cause: 'malformed' });
    expect(await read(changed, 'warn')).toMatchObject({ ok: true, authorship: { mode: 'warn', signedBy: null } });
    const { values } = await registry.getSingleMetric('rollcall_doubted_messages_total')!.get();
    expect(values).toMatchObject([{ labels: { message: 'NODE_INTROSPECTION', reason: 'broken' }, value: 2 }]);
  });
});

describe('the registry signs', () => {
  const notary = new Notary('required', own);
  const published: OutgoingRecord[] = [];
  const publish = (records: readonly OutgoingRecord[]) => {
    published.push(...records);
    return Promise.resolve([]);
  };
  const asRead = (record: OutgoingRecord): LogRecord => ({
    ...{ ...signed, ...record, key: Buffer.from(String(record.key)), value: Buffer.from(String(record.value)) },
    headers: record.headers,
  });

  it('markers of deadlines', async () => {
    published.length = 0;
    const metrics = new RuntimeMetrics(new Registry());
    const parts = { publish, registryId: 'rollcall', log, metrics };
    const due = [{ nodeId: NODE, kind: 'liveness', at: at(1), correlationId: correlation(1) }] as const;
    await new MarkerPublisher({ ...parts, notary: () => Promise.resolve(notary) }).publish(due);
    await new MarkerPublisher(parts).publish(due);
    expect(published.map((record) => notary.authorOf(asRead(record)))).toEqual([
      { mode: 'required', signedBy: REGISTRY_SIGNER },
      { mode: 'required', signedBy: null },
    ]);
  });

  it('what the api says in its name, and nothing else', async () => {
    published.length = 0;
    const bus = createBus(publish, new Activity(), () => Promise.resolve(notary));
    const record: OutgoingRecord = { topic: 'cmd.deregister-node.v1', key: NODE, value: '{}', headers: {} };
    await bus.publish([record], 'registry');
    await bus.publish([record]);
    await createBus(publish, new Activity()).publish([record], 'registry');
    expect(published.map((one) => notary.authorOf(asRead(one)))).toMatchObject([
      { signedBy: REGISTRY_SIGNER },
      { signedBy: null },
      { signedBy: null },
    ]);
  });
});

it('seldom lets one of each kind through, and then another one', () => {
  let now = 0;
  const seldom = new Seldom(() => now);
  expect([seldom.admits('a'), seldom.admits('a'), seldom.admits('b')]).toEqual([true, false, true]);
  now = 10_000;
  expect([seldom.admits('a'), seldom.admits('a')]).toEqual([true, false]);
});
