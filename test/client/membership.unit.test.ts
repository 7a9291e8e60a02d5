import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NotActive, OptionsError } from '../../src/client/sdk.js';
import { answer, CORRELATION, OTHER } from './answers.js';
import { notice } from './notices.js';
import { INCARNATION, pass, Playing } from './playing.js';

const LATER = '2026-01-01T00:02:00.000Z';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a node that joins', () => {
  it('says what it is, that it is ready, and from then on that it is alive', async () => {
    const { member, transport, told } = await new Playing({ capabilities: ['a'] }).active();
    expect(transport.said).toEqual(['startup', 'NODE_REGISTRATION_ACKED']);
    expect(transport.sent[0]?.payload).toMatchObject({ capabilities: { a: true }, incarnation: INCARNATION });
    expect(told).toEqual([
      ['accepted', { attemptId: expect.any(String), ackTimeoutMs: 30_000, consulRegistered: true, postgresRegistered: true }], // prettier-ignore
      ['active', { attemptId: expect.any(String), since: '2026-01-01T00:00:00.000Z' }],
    ]);
    expect({ status: member.status, isConnected: member.isConnected }).toEqual({ status: 'active', isConnected: true });
    await pass(100_000);
    const beats = transport.sent.slice(2);
    expect(new Set(beats.map(({ eventType }) => eventType))).toEqual(new Set(['NODE_HEARTBEAT']));
    // The first within one interval, then one each, five percent sooner or later.
    expect(beats.length).toBeGreaterThanOrEqual(9);
    expect(beats.length).toBeLessThanOrEqual(11);
    expect(beats[0]?.payload).toEqual({ nodeId: 'n-1', uptimeSeconds: expect.any(Number) });
  });

  it('begins once, however often it is told to', async () => {
    const playing = await new Playing().joined();
    await playing.joined();
    expect(playing.transport.said).toEqual(['startup']);
  });

  it('waits for the connection, and says then what it is by then', async () => {
    const playing = new Playing();
    let open: () => void = () => undefined;
    playing.transport.ready = new Promise((resolve) => (open = resolve));
    await playing.joined();
    expect(playing.transport.said).toEqual([]);
    expect(playing.member.isConnected).toBe(false);
    open();
    await pass(0);
    expect(playing.transport.said).toEqual(['startup']);
    expect(playing.member.isConnected).toBe(true);
  });

  it('tells who waits that it is active, also when nobody listens', async () => {
    const playing = await new Playing({}, ['active']).joined();
    let isActive = false;
    const waiting = playing.member.whenActive().then(() => (isActive = true));
    playing.answer('NODE_REGISTRATION_ACCEPTED');
    await pass(0);
    expect(isActive).toBe(false);
    playing.answer('NODE_BECAME_ACTIVE');
    await waiting;
    await playing.member.whenActive();
  });

  it('takes copies of what it heard for one', async () => {
    const playing = await new Playing().active();
    playing.answer('NODE_REGISTRATION_ACCEPTED');
    playing.answer('NODE_BECAME_ACTIVE');
    const updated = notice('NODE_REGISTRATION_UPDATED', { correlationId: playing.correlationId });
    playing.transport.tell(updated);
    playing.transport.tell(updated);
    expect(playing.events).toEqual(['accepted', 'active', 'updated']);
    expect(playing.transport.said).toHaveLength(2);
  });

  it('acknowledges anew where the registry has begun anew', async () => {
    const playing = await new Playing().active();
    const { correlationId } = playing;
    const again = (type: 'NODE_REGISTRATION_ACCEPTED' | 'NODE_BECAME_ACTIVE') =>
      playing.transport.tell({ ...answer(type, { correlationId, attemptId: OTHER }), eventTimestamp: LATER });
    again('NODE_REGISTRATION_ACCEPTED');
    await pass(0);
    expect(playing.transport.last).toMatchObject({
      eventType: 'NODE_REGISTRATION_ACKED',
      payload: { attemptId: OTHER },
    });
    expect(playing.member.status).toBe('accepted');
    await pass(30_000);
    expect(playing.transport.last.eventType).not.toBe('NODE_HEARTBEAT');
    again('NODE_BECAME_ACTIVE');
    await pass(11_000);
    expect(playing.transport.last.eventType).toBe('NODE_HEARTBEAT');
  });

  it('answers a request once, in its workflow', async () => {
    const playing = await new Playing().active();
    const request = notice('REGISTRY_REQUEST_INTROSPECTION');
    playing.transport.tell(request);
    playing.transport.tell(request);
    playing.transport.tell(notice('REGISTRY_REQUEST_INTROSPECTION', { nodeId: 'n-2', targetNodeId: 'n-2' }));
    await pass(0);
    const { correlationId } = playing.transport.sent[0]!;
    expect(playing.transport.sent.slice(2)).toMatchObject([
      { correlationId, causationId: request.eventId, payload: { reason: 'request' } },
    ]);
  });

  it('says again what it is when there is no answer for a minute, and that something is wrong', async () => {
    const playing = await new Playing().joined();
    await pass(59_000);
    expect(playing.transport.said).toEqual(['startup']);
    await pass(2000);
    expect(playing.transport.said).toEqual(['startup', 'request']);
    expect(playing.transport.last.correlationId).toBe(playing.transport.sent[0]?.correlationId);
    expect(playing.told).toEqual([['error', expect.objectContaining({ message: expect.stringContaining('incarnation') })]]); // prettier-ignore
    playing.transport.listener.away?.('gone');
    await pass(120_000);
    expect(playing.transport.said).toHaveLength(2);
  });
});

describe('a node that is out', () => {
  it('comes back by itself when it was taken for dead, in a new workflow', async () => {
    const playing = await new Playing().active();
    const { correlationId } = playing;
    playing.transport.tell(notice('NODE_LIVENESS_EXPIRED', { correlationId }));
    expect(playing.told.at(-1)).toEqual(['expired', { cause: 'silence', deadlineAt: '2026-01-01T00:01:00.000Z' }]);
    expect(playing.member.status).toBe('expired');
    const before = playing.transport.said.length;
    await pass(1000);
    expect(playing.transport.said.slice(before)).toEqual(['startup']);
    expect(playing.correlationId).not.toBe(correlationId);
    expect(playing.transport.last.payload).toMatchObject({ incarnation: INCARNATION });
    playing.answer('NODE_REGISTRATION_ACCEPTED', OTHER);
    await pass(0);
    playing.answer('NODE_BECAME_ACTIVE', OTHER);
    expect(playing.events).toEqual(['accepted', 'active', 'expired', 'accepted', 'active']);
  });

  it('comes back once when it was not ready in time, though it is asked to as well', async () => {
    const playing = await new Playing().joined();
    playing.answer('NODE_REGISTRATION_ACK_TIMED_OUT');
    playing.transport.tell(notice('REGISTRY_REQUEST_INTROSPECTION', { nodeId: 'n-1', targetNodeId: 'n-1' }));
    await pass(50_000);
    expect(playing.told[0]).toEqual(['expired', { cause: 'not_ready', deadlineAt: '2026-01-01T00:00:30.000Z' }]);
    expect(playing.transport.said).toEqual(['startup', 'request']);
  });

  it('stays out when it was rejected, until it is changed', async () => {
    const playing = await new Playing().joined();
    const waiting = expect(playing.member.whenActive()).rejects.toThrow(
      'n-1 is not admitted (fleet_full): the fleet is full. Change it by update(), or mend what the registry admits and rejoin()',
    );
    playing.answer('NODE_REGISTRATION_REJECTED');
    await waiting;
    await expect(playing.member.whenActive()).rejects.toThrow(NotActive);
    expect(playing.told).toEqual([['rejected', { reasonCode: 'fleet_full', reason: 'the fleet is full' }]]);
    playing.transport.tell(notice('REGISTRY_REQUEST_INTROSPECTION'));
    await pass(600_000);
    expect(playing.transport.said).toEqual(['startup']);
    await playing.member.update({ metadata: { zone: 'b' } });
    expect(playing.transport.said).toEqual(['startup', 'capability_change']);
    expect(playing.member.status).toBe('joining');
    expect(playing.correlationId).not.toBe(playing.transport.sent[0]?.correlationId);
  });

  it('tries again when it was rejected and is asked by its name, or told to', async () => {
    const playing = await new Playing().joined();
    playing.answer('NODE_REGISTRATION_REJECTED');
    playing.transport.tell(notice('REGISTRY_REQUEST_INTROSPECTION', { nodeId: 'n-1', targetNodeId: 'n-1' }));
    await pass(0);
    playing.answer('NODE_REGISTRATION_REJECTED');
    await playing.member.rejoin();
    expect(playing.transport.said).toEqual(['startup', 'request', 'startup']);
    expect(new Set(playing.transport.sent.map(({ correlationId }) => correlationId)).size).toBe(3);
  });

  it('stays out when somebody removed it, until it is told to come back', async () => {
    const playing = await new Playing().active();
    playing.transport.tell(notice('NODE_DEREGISTERED', { correlationId: playing.correlationId }));
    expect(playing.told.at(-1)).toEqual(['removed', { reason: 'requested' }]);
    await expect(playing.member.whenActive()).rejects.toThrow('n-1 was taken out (requested): rejoin() brings it back');
    playing.transport.tell(notice('REGISTRY_REQUEST_INTROSPECTION'));
    await playing.member.update({ capabilities: ['later'] });
    await pass(600_000);
    expect(playing.transport.said).toHaveLength(2);
    await playing.member.rejoin();
    expect(playing.transport.last.payload).toMatchObject({ reason: 'startup', capabilities: { later: true } });
    expect(playing.member.status).toBe('joining');
  });
});

describe('a node that changes', () => {
  it('says the whole of what it is, and is told what becomes of it', async () => {
    const playing = await new Playing({ capabilities: ['a'], metadata: { zone: 'b' } }).active();
    const { correlationId } = playing;
    await playing.member.update({ capabilities: ['a', 'b'], reason: 'health_change' });
    expect(playing.transport.last).toMatchObject({
      correlationId,
      payload: { reason: 'health_change', capabilities: { a: true, b: true }, metadata: { zone: 'b' } },
    });
    expect(playing.member.description).toMatchObject({ capabilities: ['a', 'b'], metadata: { zone: 'b' } });
    playing.transport.tell(notice('NODE_REGISTRATION_UPDATED', { correlationId }));
    playing.transport.tell(notice('NODE_REGISTRATION_UPDATE_FAILED', { correlationId }));
    playing.transport.tell(notice('NODE_REGISTRATION_CONVERGED', { correlationId }));
    playing.answer('NODE_REGISTRATION_REJECTED');
    playing.transport.tell(notice('NODE_REGISTRATION_UPDATED', { correlationId: CORRELATION }));
    expect(playing.told.slice(2)).toEqual([
      ['updated', { revision: 2, changed: ['capabilities'] }],
      ['updateFailed', { reason: 'CONSUL_VALIDATION_ERROR: no', errors: [{ backend: 'consul', errorCode: 'CONSUL_VALIDATION_ERROR', errorMessage: 'no' }] }], // prettier-ignore
      ['converged', undefined],
      ['updateFailed', { reason: 'fleet_full: the fleet is full', errors: [] }],
    ]);
    expect(playing.member.status).toBe('active');
  });

  it('takes nothing that cannot be, and is what it was then', async () => {
    const playing = await new Playing({ metadata: { zone: 'b' } }).active();
    await expect(playing.member.update({ nodeVersion: 'two', healthEndpoint: 'x' })).rejects.toThrow(/2 mistakes/);
    await expect(playing.member.update({ nodeId: 'n-2' } as never)).rejects.toThrow(OptionsError);
    await expect(playing.member.update({ colour: 'red' } as never)).rejects.toThrow(/colour is no option/);
    expect(playing.member.description).toMatchObject({ metadata: { zone: 'b' } });
    expect(playing.transport.said).toHaveLength(2);
  });

  it('can be changed before it begins', async () => {
    const playing = new Playing();
    await playing.member.update({ capabilities: ['early'] });
    await playing.member.rejoin();
    await playing.joined();
    expect(playing.transport.sent).toMatchObject([{ payload: { reason: 'startup', capabilities: { early: true } } }]);
  });
});
