import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AnswerType, Listener, NodeMessageType, Transport } from '../../src/client/index.js';
import { Fleet } from '../../src/fleet/fleet.js';
import { Heartbeats } from '../../src/fleet/heartbeats.js';
import type { FleetOptions } from '../../src/fleet/options.js';
import { reportOf, tableOf } from '../../src/fleet/report.js';
import { begin, type SimulatedNode } from '../../src/fleet/simulated-node.js';
import { encode, type Message } from '../../src/messages/index.js';
import { until } from '../support/stack.js';
import { answer, ATTEMPT, OTHER } from '../client/answers.js';

const SINCE = '2026-01-01T00:00:00.000Z';

function activeNode(id: string, heartbeatIntervalMs: number | null): SimulatedNode {
  const { node } = begin(id, 0, 1, 0);
  node.state = { status: 'active', correlationId: node.correlationId, attemptId: ATTEMPT, heartbeatIntervalMs, since: SINCE }; // prettier-ignore
  return node;
}

describe('heartbeats', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function beating(random = 0.5) {
    const sent: string[] = [];
    const sending: Promise<void>[] = [];
    const sut = new Heartbeats(
      (messages) => {
        sent.push(
          ...messages.map(({ eventType, payload }) => `${eventType} ${payload.nodeId} ${Date.now() - started}`),
        );
        return sending.shift() ?? Promise.resolve();
      },
      () => Date.now(),
      () => random,
    );
    const started = Date.now();
    return { sut, sent, sending };
  }

  it('come at the interval that the node was told, from somewhere within the first', async () => {
    const { sut, sent } = beating(0.25);
    sut.begin(activeNode('n-1', 1000));
    sut.begin(activeNode('n-2', 2000));
    await jest.advanceTimersByTimeAsync(3000);
    sut.stop();
    const times = (id: string) => sent.filter((text) => text.includes(id)).map((text) => Number(text.split(' ')[2]));
    expect(times('n-1').map((time) => Math.floor(time / 1000))).toEqual([0, 1, 2]);
    expect(times('n-2').map((time) => Math.floor(time / 1000))).toEqual([0, 2]);
    await jest.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveLength(5);
  });

  it('end with the activity, and begin again with it, once', async () => {
    const { sut, sent } = beating();
    const node = activeNode('n-1', 1000);
    const { state } = node;
    sut.begin(node);
    sut.begin(node);
    await jest.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(1);
    node.state = { status: 'liveness_expired', correlationId: node.correlationId, attemptId: ATTEMPT };
    await jest.advanceTimersByTimeAsync(3000);
    expect(sent).toHaveLength(1);
    node.state = state;
    sut.begin(node);
    await jest.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(2);
    sut.stop();
  });

  it('wait for the interval to be known', async () => {
    const { sut, sent } = beating();
    sut.begin(activeNode('n-1', null));
    await jest.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([]);
    sut.stop();
  });

  it('are not collected while they cannot be sent', async () => {
    const { sut, sent, sending } = beating();
    let away: () => void = () => undefined;
    sending.push(new Promise((resolve) => (away = resolve)));
    sut.begin(activeNode('n-1', 1000));
    await jest.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveLength(1);
    away();
    await jest.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(2);
    sut.stop();
  });
});

describe('a fleet that stays', () => {
  const OPTIONS: FleetOptions = {
    nodes: 3,
    rate: undefined,
    prefix: 'n',
    freshIds: true,
    duplicate: false,
    verify: false,
    timeoutMs: 60_000,
    json: false,
    heartbeatsMs: 400,
    signWith: undefined,
    transport: { kind: 'http', url: 'http://registry' },
  };

  class Registry implements Transport {
    readonly said: Message<NodeMessageType>[] = [];
    listener: Listener | undefined;

    open(listener: Listener): Promise<void> {
      this.listener = listener;
      return Promise.resolve();
    }

    send(messages: readonly Message<NodeMessageType>[]): Promise<void> {
      this.said.push(...messages);
      setImmediate(() => {
        for (const { eventType, correlationId, payload, eventId } of messages) {
          const about = { nodeId: payload.nodeId, correlationId };
          if (eventType === 'NODE_REGISTRATION_ACKED') this.tell({ ...answer('NODE_BECAME_ACTIVE', about), causationId: eventId }); // prettier-ignore
          if (eventType === 'NODE_INTROSPECTION' && !this.knows(correlationId, eventId)) this.accept(about);
        }
        this.listener?.heardAll();
      });
      return Promise.resolve();
    }

    /** An introspection of a workflow that runs changes nothing. */
    knows(correlationId: string, eventId: string): boolean {
      return this.said.some((one) => one.correlationId === correlationId && one.eventId !== eventId);
    }

    accept(about: { nodeId: string; correlationId: string }): void {
      const accepted = answer('NODE_REGISTRATION_ACCEPTED', about);
      this.tell({ ...accepted, payload: { ...accepted.payload, heartbeatIntervalMs: 100 } } as Message<AnswerType>);
    }

    tell(message: Message, nodeId: string | null = message.payload.nodeId ?? null): void {
      this.listener?.hear({ nodeId, value: Buffer.from(encode(message)), decoded: { ok: true, message } });
    }

    settle(): Promise<void> {
      return Promise.resolve();
    }

    close(): Promise<void> {
      return Promise.resolve();
    }
  }

  const request = (target?: string): Message => ({
    ...answer('NODE_BECAME_ACTIVE', { correlationId: OTHER }),
    eventType: 'REGISTRY_REQUEST_INTROSPECTION',
    payload: { nodeId: target ?? 'rollcall', targetNodeId: target },
  });
  const expired = (nodeId: string, correlationId: string): Message => ({
    ...answer('NODE_BECAME_ACTIVE', { correlationId }),
    eventType: 'NODE_LIVENESS_EXPIRED',
    payload: { nodeId, lastHeartbeatAt: null, deadlineAt: SINCE },
  });

  async function active() {
    const registry = new Registry();
    const fleet = new Fleet(OPTIONS, registry);
    await registry.open(fleet);
    expect(await fleet.run(new AbortController().signal)).toBe('complete');
    const stay = async () => {
      const ending = await fleet.keepAlive(new AbortController().signal);
      return reportOf(fleet, OPTIONS, ending, 0);
    };
    return { registry, fleet, stay };
  }

  const introspections = ({ said }: Registry) => said.filter(({ eventType }) => eventType === 'NODE_INTROSPECTION');

  it('sends heartbeats, and says how many', async () => {
    const { registry, stay } = await active();
    const report = await stay();
    const beats = registry.said.filter(({ eventType }) => eventType === 'NODE_HEARTBEAT');
    expect(report).toMatchObject({ ok: true, heartbeatSeconds: 0.4, counts: { expired: 0, heartbeats: beats.length } });
    expect(new Set(beats.map(({ payload }) => payload.nodeId)).size).toBe(3);
    expect(tableOf(report)).toMatch(
      /\d+ heartbeats sent, until 0.4 s after all were active; no node was taken for dead/,
    );
  });

  it('answers a request to all in the same workflow, each node once, and the audit has nothing against it', async () => {
    const { registry, fleet, stay } = await active();
    const all = request();
    for (let copy = 0; copy < 2; copy += 1) registry.tell(all, null);
    fleet.heardAll();
    const report = await stay();
    const answers = introspections(registry).slice(3);
    expect(answers.map(({ payload }) => payload.nodeId)).toEqual(['n-000001', 'n-000002', 'n-000003']);
    expect(answers.every(({ causationId }) => causationId === all.eventId)).toBe(true);
    expect(report).toMatchObject({ ok: true, counts: { active: 3, answered: 3 }, violations: { count: 0 } });
  });

  it('comes back when it was taken for dead, in a new workflow, and fails nevertheless', async () => {
    const { registry, fleet, stay } = await active();
    const node = fleet.nodes.get('n-000002');
    const before = node?.correlationId ?? '';
    registry.tell(expired('n-000002', before));
    expect(fleet.counts).toMatchObject({ active: 2, expired: 1 });
    registry.tell(request('n-000002'));
    fleet.heardAll();
    // A copy of what belongs to the workflow before is no violation.
    registry.tell(answer('NODE_BECAME_ACTIVE', { nodeId: 'n-000002', correlationId: before }));
    await until(() => fleet.counts.active === 3, { what: 'its return' });
    const report = await stay();
    expect(node?.correlationId).not.toBe(before);
    expect(report).toMatchObject({ ok: false, counts: { active: 3, expired: 1 }, violations: { count: 0 } });
    expect(tableOf(report)).toMatch(/nodes were taken for dead 1 times/);
  });

  it('says that it was interrupted', async () => {
    const { fleet } = await active();
    expect(await fleet.keepAlive(AbortSignal.abort())).toBe('interrupted');
  });
});
