import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createNodeTexts } from '../../src/bench/driver/node-texts.js';
import { uuidIn } from '../../src/bench/driver/scan.js';
import { Template } from '../../src/bench/driver/template.js';
import { createAnswers } from '../../src/bench/yardsticks/answers.js';
import { setCheck, setService } from '../../src/bench/yardsticks/consul-operations.js';
import { checkEntry, serviceEntry } from '../../src/registry-effect/consul/entries.js';
import { consulNames } from '../../src/registry-effect/consul/service-names.js';
import { decode, topicOf, type Message, type MessageType } from '../../src/messages/index.js';

const ids = Array.from({ length: 3 }, () => randomUUID());
const [correlationId, causationId, attemptId] = ids as [string, string, string];

function read<T extends Exclude<MessageType, 'DEADLINE_PASSED'>>(type: T, nodeId: string, value: string): Message<T> {
  const decoded = decode(topicOf(type), { key: nodeId, value: Buffer.from(value) });
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.message as Message<T>;
}

describe('a template', () => {
  it('is filled wherever a sample stood', () => {
    const template = new Template('a=1, b=2, again 1!', ['1', '2']);
    expect(template.fill(['x', 'y'])).toBe('a=x, b=y, again x!');
  });

  it('knows no sample by halves', () => {
    expect(() => new Template('a.b', ['axb'])).toThrow('"axb" is not in the text');
  });
});

describe('what the driver says', () => {
  const texts = createNodeTexts();

  it('is an introspection of about 600 bytes that the registry reads', () => {
    const value = texts.introspection('bench-000007', correlationId);
    const { payload, ...envelope } = read('NODE_INTROSPECTION', 'bench-000007', value);
    expect(envelope).toMatchObject({ correlationId, causationId: null, sourceNodeId: 'bench-000007' });
    expect(payload).toMatchObject({ nodeId: 'bench-000007', nodeType: 'effect', reason: 'startup' });
    expect(value.slice(value.indexOf('"payload"')).length).toBeGreaterThan(550);
  });

  it('has an id of its own each time', () => {
    const id = () =>
      read('NODE_INTROSPECTION', 'bench-000001', texts.introspection('bench-000001', correlationId)).eventId;
    expect(id()).not.toBe(id());
  });

  it('is an ack of what was accepted', () => {
    const value = texts.ack('bench-000001', attemptId, correlationId, causationId);
    expect(read('NODE_REGISTRATION_ACKED', 'bench-000001', value)).toMatchObject({
      correlationId,
      causationId,
      payload: { nodeId: 'bench-000001', attemptId },
    });
  });

  it('is a heartbeat', () => {
    expect(read('NODE_HEARTBEAT', 'n', texts.heartbeat('n')).payload.nodeId).toBe('n');
  });
});

describe('what the stub says', () => {
  const answers = createAnswers();

  it('is what the driver hears of the registry', () => {
    const accepted = answers.accepted('bench-000001', correlationId, causationId);
    const message = read('NODE_REGISTRATION_ACCEPTED', 'bench-000001', accepted);
    expect(message).toMatchObject({ correlationId, causationId });
    expect(uuidIn(Buffer.from(accepted), 'attempt_id')).toBe(message.payload.attemptId);
    expect(uuidIn(Buffer.from(accepted), 'event_id')).toBe(message.eventId);
    expect(uuidIn(Buffer.from(accepted), 'nobody_id')).toBe('');
    const active = answers.active('bench-000001', correlationId, causationId);
    expect(read('NODE_BECAME_ACTIVE', 'bench-000001', active).payload.nodeId).toBe('bench-000001');
  });

  it('is to Consul what the registry says, in size and shape', () => {
    const { payload } = read(
      'NODE_INTROSPECTION',
      'bench-000001',
      createNodeTexts().introspection('bench-000001', correlationId),
    );
    const capabilityTags = [
      'batch',
      'document.read',
      'document.search',
      'document.write',
      'operations',
      'protocols',
      'streaming',
    ];
    const intent = {
      intentType: 'consul.register',
      revision: 1,
      health: 'critical',
      record: { ...payload, capabilityTags },
    } as unknown as Parameters<typeof checkEntry>[1];
    const names = consulNames('registry', 'bench-000001');
    const entry = { nodeId: 'bench-000001', registryId: 'registry' };
    const check = { Check: { Verb: 'set', Check: checkEntry(names, intent) } };
    expect(JSON.parse(setCheck(entry, 'critical'))).toEqual(check);
    const service = serviceEntry(names, intent, 'registry');
    const said = JSON.parse(setService(entry)) as { Service: { Node: string; Service: typeof service } };
    expect(said.Service.Node).toBe(names.node);
    expect({ ...said.Service.Service, Tags: [...said.Service.Service.Tags].sort(), Address: '' }).toEqual({
      ...service,
      Tags: [...service.Tags].sort(),
      Address: '',
    });
  });
});
