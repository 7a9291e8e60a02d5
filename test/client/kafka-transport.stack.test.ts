import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { acknowledge, ANSWER_TYPES, hear, introspect, KafkaTransport, stamped } from '../../src/client/index.js';
import { TransportUnavailable } from '../../src/client/index.js';
import type { Listener } from '../../src/client/index.js';
import { descriptionOf } from '../../src/fleet/simulated-node.js';
import { decode, encode, TopicNames, topicOf, type Message } from '../../src/messages/index.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { createTopics } from '../support/topics.js';
import { answer, CORRELATION } from './answers.js';

/** For a broker that has other work to do; a test may wait that long several times. */
const PATIENCE_MS = 60_000;
const TIMEOUT_MS = 300_000;

describeStack('the Kafka transport', ['kafka'], () => {
  jest.setTimeout(TIMEOUT_MS);
  const names = new TopicNames(uniqueName('client'));
  const topics = [...ANSWER_TYPES, 'NODE_INTROSPECTION', 'NODE_REGISTRATION_ACKED'] as const;
  const fullNames = topics.map((type) => names.full(topicOf(type)));
  let kafka: Kafka;
  let admin: Admin;
  let registry: Producer;
  let open: KafkaTransport[] = [];

  beforeAll(async () => {
    kafka = new Kafka({
      brokers: addressOf('kafka').split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 15_000,
      requestTimeout: 2 * PATIENCE_MS,
    });
    admin = kafka.admin();
    registry = kafka.producer({ allowAutoTopicCreation: false });
    await Promise.all([admin.connect(), registry.connect()]);
    await createTopics(
      admin,
      fullNames.map((topic) => ({ topic, numPartitions: 3 })),
    );
  });

  afterEach(async () => {
    await Promise.all(open.map((transport) => transport.close()));
    open = [];
  });

  afterAll(async () => {
    await admin.deleteTopics({ topics: fullNames, timeout: PATIENCE_MS });
    await Promise.all([admin.disconnect(), registry.disconnect()]);
  });

  function transport(
    brokers = addressOf('kafka').split(','),
    topicPrefix = names.prefix,
    clientId = uniqueName('transport'),
  ): KafkaTransport {
    const made = new KafkaTransport({ brokers, topicPrefix, clientId });
    open.push(made);
    return made;
  }

  function listening(nodeIds: readonly string[]) {
    const heard: string[] = [];
    const troubles: string[] = [];
    const listener: Listener = {
      types: ANSWER_TYPES,
      knows: (nodeId) => nodeIds.includes(nodeId),
      hear: ({ nodeId, decoded }) => heard.push(`${nodeId} ${decoded.ok ? decoded.message.eventType : decoded.reason}`),
      heardAll: () => undefined,
      trouble: (reason) => troubles.push(reason),
    };
    return { heard, troubles, listener };
  }

  async function say(...messages: readonly Message<(typeof ANSWER_TYPES)[number]>[]): Promise<void> {
    await registry.sendBatch({
      topicMessages: messages.map((message) => ({
        topic: names.full(topicOf(message.eventType)),
        messages: [{ key: message.payload.nodeId, value: encode(message) }],
      })),
    });
  }

  it('hears what is said to its nodes from the moment it is open, and nothing else', async () => {
    const mine = uniqueName('mine');
    const { heard, listener } = listening([mine]);
    await say(answer('NODE_REGISTRATION_ACCEPTED', { nodeId: mine }));
    const sut = transport();
    await sut.open(listener);
    await say(answer('NODE_BECAME_ACTIVE', { nodeId: uniqueName('theirs') }), answer('NODE_BECAME_ACTIVE', { nodeId: mine })); // prettier-ignore
    await sut.settle(AbortSignal.timeout(PATIENCE_MS));
    expect(once(heard)).toEqual([`${mine} NODE_BECAME_ACTIVE`]);
  });

  it('misses nothing that is said right after it is open', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `n-${index}`);
    const { heard, listener } = listening(ids);
    const sut = transport();
    await sut.open(listener);
    await say(...ids.map((nodeId) => answer('NODE_REGISTRATION_ACCEPTED', { nodeId })));
    await sut.settle(AbortSignal.timeout(PATIENCE_MS));
    expect(once(heard).sort()).toEqual(ids.map((nodeId) => `${nodeId} NODE_REGISTRATION_ACCEPTED`).sort());
  });

  it('says why a message cannot be read', async () => {
    const { heard, listener } = listening(['n-1']);
    const sut = transport();
    await sut.open(listener);
    await registry.send({ topic: names.full(topicOf('NODE_BECAME_ACTIVE')), messages: [{ key: 'n-1', value: '{' }] });
    await sut.settle(AbortSignal.timeout(PATIENCE_MS));
    expect(once(heard)).toEqual([expect.stringMatching(/^n-1 not JSON/)]);
  });

  it('sends what many nodes say at once, keyed by node, in order, readable by the registry', async () => {
    const sut = transport();
    await sut.open(listening([]).listener);
    const said = ['n-1', 'n-2', 'n-3'].flatMap((nodeId, index) =>
      [1, 2].flatMap((incarnation) =>
        introspect(descriptionOf(nodeId, index, incarnation), CORRELATION).says.map((saying) =>
          stamped(nodeId, saying),
        ),
      ),
    );
    await Promise.all(said.map((message) => sut.send([message])));

    const topic = topicOf('NODE_INTROSPECTION');
    const reader = kafka.consumer({ groupId: uniqueName('reader') });
    const arrived = new Map<string, Message>();
    await reader.connect();
    await reader.subscribe({ topics: [names.full(topic)], fromBeginning: true });
    await reader.run({
      eachMessage: ({ message }) => {
        const decoded = decode(topic, message);
        if (decoded.ok && !arrived.has(decoded.message.eventId)) arrived.set(decoded.message.eventId, decoded.message);
        expect(message.headers).toMatchObject({ event_type: Buffer.from('NODE_INTROSPECTION') });
        return Promise.resolve();
      },
    });
    await until(() => arrived.size >= said.length, { what: 'the introspections' });
    await reader.disconnect();
    const of = (messages: readonly Message[], nodeId: string) => messages.filter((m) => m.payload.nodeId === nodeId);
    for (const nodeId of ['n-1', 'n-2', 'n-3']) expect(of([...arrived.values()], nodeId)).toEqual(of(said, nodeId));
  });

  it('leaves no consumer group behind', async () => {
    const clientId = uniqueName('leaves');
    const sut = transport(undefined, undefined, clientId);
    await sut.open(listening([]).listener);
    const groups = async () => (await admin.listGroups()).groups.filter(({ groupId }) => groupId.startsWith(clientId));
    await until(async () => (await groups()).length === 1, { what: 'its group' });
    await sut.close();
    await until(async () => (await groups()).length === 0, { what: 'the end of its group' });
  });

  it('can be opened and closed again and again, and leaves nothing open', async () => {
    const warned: string[] = [];
    const note = (warning: Error) => warned.push(warning.message);
    process.on('warning', note);
    const ids = ['n-1', 'n-2', 'n-3'];
    const { heard, listener } = listening(ids);
    const sut = transport();
    await sut.open(listener);
    await sut.close();
    const before = openThings();
    for (const nodeId of ids) {
      await sut.open(listener);
      await say(answer('NODE_BECAME_ACTIVE', { nodeId }));
      await sut.settle(AbortSignal.timeout(PATIENCE_MS));
      await sut.close();
    }
    expect(once(heard)).toEqual(ids.map((nodeId) => `${nodeId} NODE_BECAME_ACTIVE`));
    await until(() => openThings() <= before, { what: `${before} sockets and timers, as before` });
    process.off('warning', note);
    expect(warned).toEqual([]);
  });

  it('waits for a broker for long without a leak', async () => {
    const warned: string[] = [];
    const note = (warning: Error) => warned.push(warning.message);
    process.on('warning', note);
    await expect(transport(['127.0.0.1:1']).open(listening([]).listener, AbortSignal.timeout(6000))).rejects.toThrow();
    process.off('warning', note);
    expect(warned).toEqual([]);
  });

  it('gives a record the headers that it is told to', async () => {
    const sut = new KafkaTransport({
      brokers: addressOf('kafka').split(','),
      topicPrefix: names.prefix,
      clientId: uniqueName('transport'),
      headers: ({ eventType }, body) => ({ signature: `${eventType} ${body.length}` }),
    });
    open.push(sut);
    const topic = topicOf('NODE_REGISTRATION_ACKED');
    const records: { readonly value: string; readonly signature: string }[] = [];
    const reader = kafka.consumer({ groupId: uniqueName('reader') });
    await reader.connect();
    await reader.subscribe({ topics: [names.full(topic)], fromBeginning: true });
    await reader.run({
      eachMessage: ({ message: { value, headers } }) => {
        records.push({ value: String(value), signature: String(headers?.['signature']) });
        return Promise.resolve();
      },
    });
    await sut.open(listening([]).listener);
    const state = hear(introspect(descriptionOf('n-1', 0, 1), CORRELATION).state, answer('NODE_REGISTRATION_ACCEPTED'));
    await sut.send(acknowledge('n-1', state).says.map((saying) => stamped('n-1', saying)));
    const [record] = await until(() => records.length > 0 && records, { what: 'the ack' });
    expect(record?.signature).toBe(`NODE_REGISTRATION_ACKED ${record?.value.length}`);
    await reader.disconnect();
  });

  it('waits for topics, and names them when the wait ends', async () => {
    const prefix = uniqueName('absent');
    const { troubles, listener } = listening([]);
    const wait = new AbortController();
    const opened = transport(undefined, prefix).open(listener, wait.signal);
    const refused = expect(opened).rejects.toThrow(TransportUnavailable);
    const named = new RegExp(`6 of 6 topics are missing.*TOPIC_PREFIX \\(here ${prefix}\\)`);
    await until(() => troubles.some((reason) => named.test(reason)), { what: 'the names of the topics' });
    wait.abort();
    await refused;
  });

  it('opens as soon as the topics are there', async () => {
    const late = new TopicNames(uniqueName('late'));
    const { troubles, listener } = listening([]);
    const opened = transport(undefined, late.prefix).open(listener, AbortSignal.timeout(PATIENCE_MS));
    await until(() => troubles.length > 0, { what: 'the first complaint' });
    const made = topics.map((type) => late.full(topicOf(type)));
    await createTopics(
      admin,
      made.map((topic) => ({ topic, numPartitions: 2 })),
    );
    await opened;
    await admin.deleteTopics({ topics: made, timeout: PATIENCE_MS });
  });

  it('waits for a broker that is away, and says so', async () => {
    const { troubles, listener } = listening([]);
    const wait = new AbortController();
    const opened = transport(['127.0.0.1:1']).open(listener, wait.signal);
    const refused = expect(opened).rejects.toThrow(/Kafka at 127\.0\.0\.1:1 is not to be had: /);
    await until(() => troubles.some((reason) => reason.includes('ECONNREFUSED')), { what: 'the reason' });
    wait.abort();
    await refused;
    expect(troubles.every((reason) => reason.startsWith('Kafka at 127.0.0.1:1 is not to be had: '))).toBe(true);
  });
});

/** Without copies: what the broker did not answer in time is sent to it once more. */
function once(heard: readonly string[]): string[] {
  return [...new Set(heard)];
}

/** What keeps a process from its end, beside what it had from the start. */
function openThings(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'Timeout').length;
}
