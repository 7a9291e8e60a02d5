import { describe, expect, it } from '@jest/globals';
import type { AnswerType, Listener, NodeMessageType, Transport } from '../../src/client/index.js';
import { Fleet } from '../../src/fleet/fleet.js';
import type { FleetOptions } from '../../src/fleet/options.js';
import { reportOf, tableOf } from '../../src/fleet/report.js';
import { encode, type Message } from '../../src/messages/index.js';
import { answer, OTHER } from '../client/answers.js';

type Reply = (message: Message<NodeMessageType>) => readonly Message<AnswerType>[];

const OPTIONS: FleetOptions = {
  nodes: 20,
  rate: undefined,
  prefix: 'n',
  freshIds: true,
  duplicate: false,
  verify: false,
  timeoutMs: 60_000,
  json: false,
  heartbeatsMs: 0,
  signWith: undefined,
  transport: { kind: 'kafka', brokers: [], topicPrefix: 'test' },
};

const accepts: Reply = ({ eventType, correlationId, payload: { nodeId } }) => [
  answer(eventType === 'NODE_INTROSPECTION' ? 'NODE_REGISTRATION_ACCEPTED' : 'NODE_BECAME_ACTIVE', { nodeId, correlationId }), // prettier-ignore
];

/** A registry in memory: replies to every message, in a later turn. */
class Registry implements Transport {
  readonly said: Message<NodeMessageType>[] = [];
  listener: Listener | undefined;

  constructor(private readonly reply: Reply) {}

  open(listener: Listener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }

  send(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    this.said.push(...messages);
    setImmediate(() => {
      for (const message of messages) {
        for (const one of this.reply(message)) {
          const value = Buffer.from(encode(one));
          this.listener?.hear({ nodeId: one.payload.nodeId, value, decoded: { ok: true, message: one } });
        }
      }
      this.listener?.heardAll();
    });
    return Promise.resolve();
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function run(reply: Reply, changes: Partial<FleetOptions> = {}, signal = new AbortController().signal) {
  const options = { ...OPTIONS, ...changes };
  const registry = new Registry(reply);
  const fleet = new Fleet(options, registry);
  await registry.open(fleet);
  const ending = await fleet.run(signal);
  return { registry, report: reportOf(fleet, options, ending, 0.5) };
}

async function verified(reply: Reply, changes: Partial<FleetOptions>): Promise<string[]> {
  const options = { ...OPTIONS, ...changes };
  const registry = new Registry(reply);
  const fleet = new Fleet(options, registry);
  await registry.open(fleet);
  await fleet.run(new AbortController().signal);
  await fleet.verify(new AbortController().signal);
  return fleet.audit.violations.map(({ text }) => text);
}

describe('a fleet', () => {
  it('becomes active, each ack caused by its accepted', async () => {
    const { report, registry } = await run(accepts);
    expect(report).toMatchObject({ ok: true, ending: 'complete', notActive: [], cpuSecondsPer1000: 25 });
    expect(report.counts).toMatchObject({ sent: 20, accepted: 20, acked: 20, active: 20, missing: 0, copies: 0 });
    const acks = registry.said.filter(({ eventType }) => eventType === 'NODE_REGISTRATION_ACKED');
    expect(new Set(acks.map(({ causationId }) => causationId)).size).toBe(20);
  });

  it('comes at its rate, and is late by what the registry is late', async () => {
    const { report } = await run(accepts, { nodes: 10, rate: 100 });
    expect(report.seconds).toBeGreaterThan(0.09);
    expect(report.latencyMs.publishToActive.p50).toBeGreaterThanOrEqual(0);
  });

  it('says everything twice, byte for byte, and drops the second answers', async () => {
    const answers = new Map<string, readonly Message<AnswerType>[]>();
    const remembers: Reply = (message) => {
      const known = answers.get(message.eventId) ?? accepts(message);
      answers.set(message.eventId, known);
      return known;
    };
    const { report, registry } = await run(remembers, { duplicate: true, verify: false });
    expect(report).toMatchObject({ ok: true, counts: { sent: 20, acked: 20 }, violations: { count: 0 } });
    expect(registry.said).toHaveLength(80);
    expect(new Set(registry.said.map(encode)).size).toBe(40);
  });

  it('shows a registry that says one thing under two ids', async () => {
    const { report } = await run((message) => [...accepts(message), ...accepts(message)]);
    expect(report).toMatchObject({ ok: false, counts: { active: 20 } });
    expect(tableOf(report)).toMatch(/violations, the first 10:\n {2}n-0000\d\d {2}NODE_REGISTRATION_ACCEPTED twice/);
  });

  it('gives up when nothing happens, and names who waits for what', async () => {
    const some: Reply = (message) => (message.payload.nodeId < 'n-000004' ? [] : accepts(message));
    const registry = new Registry(some);
    // By a clock that stands still until the others are active, and then hurries.
    const fleet: Fleet = new Fleet(OPTIONS, registry, () =>
      fleet.counts.active < 17 ? 0 : performance.now() * 1_000_000,
    );
    await registry.open(fleet);
    const report = reportOf(fleet, OPTIONS, await fleet.run(new AbortController().signal), 0.5);
    expect(report).toMatchObject({ ok: false, ending: 'timed out', counts: { active: 17, missing: 3 } });
    expect(report.notActive[0]).toEqual({ nodeId: 'n-000001', state: 'introspected, not accepted yet' });
  });

  it('ends at once when nobody waits any more, though not all are active', async () => {
    const { report } = await run(({ correlationId, payload: { nodeId } }) => [
      answer('NODE_REGISTRATION_REJECTED', { nodeId, correlationId }),
    ]);
    expect(report).toMatchObject({ ok: false, ending: 'complete', counts: { rejected: 20, missing: 0 } });
    expect(tableOf(report)).toMatch(/n-000001 {2}rejected: fleet_full, the fleet is full/);
  });

  it('tells what is there when it is interrupted', async () => {
    const interrupted = new AbortController();
    const interrupts: Reply = (message) => {
      interrupted.abort();
      return accepts(message);
    };
    // The next one is due minutes later.
    const { report } = await run(interrupts, { rate: 0.01 }, interrupted.signal);
    expect(report).toMatchObject({ ok: false, ending: 'interrupted' });
    expect(report.notActive.at(-1)?.state).toBe('not introduced yet');
  });

  it('verifies over http what its nodes are told', async () => {
    const via = { transport: { kind: 'http', url: 'http://x' }, verify: true } as const;
    const told: Reply = (message) => {
      const { nodeId, attemptId } = answer('NODE_BECAME_ACTIVE', { nodeId: message.payload.nodeId }).payload;
      const { correlationId, eventId: causationId, eventType } = message;
      const received = {
        ...answer('NODE_BECAME_ACTIVE', { nodeId, correlationId }),
        eventType: 'NODE_REGISTRATION_ACK_RECEIVED',
        payload: { nodeId, attemptId, livenessDeadline: null },
      } as unknown as Message<AnswerType>;
      const answers = eventType === 'NODE_INTROSPECTION' ? accepts(message) : [received, ...accepts(message)];
      return answers.map((one) => ({ ...one, causationId }));
    };
    expect(await verified(told, via)).toEqual([]);
    // As it would be over Kafka, where INITIATED has to be heard, too.
    expect(await verified(told, { verify: true })).toHaveLength(20);
    const uncaused: Reply = (message) => told(message).map((one) => ({ ...one, causationId: OTHER }));
    expect((await verified(uncaused, via))[0]).toMatch(/ACK_RECEIVED: the chain of its causes breaks/);
  });

  it('fails when its messages can never be sent', async () => {
    const registry = new Registry(accepts);
    registry.send = () => Promise.reject(new Error('not authorised'));
    const fleet = new Fleet({ ...OPTIONS, nodes: 3000 }, registry);
    await expect(fleet.run(new AbortController().signal)).rejects.toThrow('not authorised');
  });
});
