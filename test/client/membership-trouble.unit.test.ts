import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RequestRefused } from '../../src/client/http/failure.js';
import type { Message } from '../../src/messages/index.js';
import { pass, Playing } from './playing.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const never = new Promise<never>(() => undefined);

describe('a node whose registry is away', () => {
  it('says so after a moment, goes on, and says when it is back', async () => {
    const { member, transport, told } = await new Playing().active();
    transport.listener.away?.('connect ECONNREFUSED');
    await pass(1900);
    expect(told.map(([event]) => event)).toEqual(['accepted', 'active']);
    await pass(200);
    expect(told.at(-1)).toEqual(['lost', { reason: 'connect ECONNREFUSED' }]);
    expect({ status: member.status, isConnected: member.isConnected }).toEqual({
      status: 'active',
      isConnected: false,
    });
    await pass(900);
    transport.listener.back?.();
    expect(told.at(-1)).toEqual(['found', { afterMs: 3000 }]);
    expect(member.isConnected).toBe(true);
  });

  it('makes no words of a blip', async () => {
    const { transport, told } = await new Playing().active();
    transport.listener.away?.('blip');
    await pass(1000);
    transport.listener.back?.();
    await pass(10_000);
    expect(told.map(([event]) => event)).toEqual(['accepted', 'active']);
  });

  it('collects no heartbeats', async () => {
    const { transport } = await new Playing().active();
    let end: () => void = () => undefined;
    transport.take = () => new Promise((resolve) => (end = resolve));
    await pass(300_000);
    expect(transport.said.slice(2)).toEqual(['NODE_HEARTBEAT']);
    transport.take = () => Promise.resolve();
    end();
    await pass(21_000);
    expect(transport.said.slice(2).length).toBeGreaterThanOrEqual(2);
    expect(transport.said.slice(2).length).toBeLessThanOrEqual(4);
  });
});

describe('a node that the registry refuses', () => {
  const refused = () => Promise.reject(new RequestRefused('401: no such token'));

  it('says so, and tries again in the same workflow, ever more slowly', async () => {
    const playing = new Playing();
    playing.transport.take = refused;
    await playing.joined();
    expect(playing.told).toEqual([['error', expect.objectContaining({ message: '401: no such token' })]]);
    await pass(1000);
    expect(playing.transport.said).toEqual(['startup', 'startup']);
    await pass(300_000);
    const tries = playing.transport.said.length;
    expect(tries).toBeGreaterThanOrEqual(10);
    expect(tries).toBeLessThanOrEqual(30);
    expect(new Set(playing.transport.sent.map(({ correlationId }) => correlationId)).size).toBe(1);
    playing.transport.take = () => Promise.resolve();
    await pass(30_000);
    playing.answer('NODE_REGISTRATION_ACCEPTED');
    await pass(0);
    expect(playing.transport.last.eventType).toBe('NODE_REGISTRATION_ACKED');
  });

  it('tells it to whoever changes it, and to nobody else', async () => {
    const playing = await new Playing().active();
    playing.transport.take = refused;
    await expect(playing.member.update({ metadata: {} })).rejects.toThrow('401: no such token');
    expect(playing.events).not.toContain('error');
  });

  it('warns the process where nobody listens', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const playing = new Playing({}, ['error']);
    playing.transport.take = refused;
    await playing.joined();
    expect(warned.mock.calls).toEqual([['n-1: 401: no such token', 'RollcallWarning']]);
  });
});

describe('the caller of a node', () => {
  it('may give measures, and a heartbeat goes without them where they are wrong', async () => {
    const given: unknown[] = [{ activeOperationsCount: 3 }, { cpuUsagePercent: 200 }, { uptime: 1 }];
    const playing = await new Playing({ heartbeat: () => given.shift() as object }).active();
    await pass(32_000);
    const [first, second, third] = playing.transport.sent.slice(2).map(({ payload }) => payload);
    expect(first).toEqual({ nodeId: 'n-1', activeOperationsCount: 3 });
    expect([second, third]).toEqual([{ nodeId: 'n-1' }, { nodeId: 'n-1' }]);
    expect(playing.told.filter(([event]) => event === 'error').length).toBeGreaterThanOrEqual(2);
    expect(((playing.told.at(-1)?.[1] as Error).cause as Error).message).toMatch(/uptime|measure|expected/i);
  });

  it('does not stop the heartbeat by measures that fail, or never come', async () => {
    const throwing = await new Playing({ heartbeat: () => { throw new Error('no sensor'); } }).active(); // prettier-ignore
    const hanging = await new Playing({ heartbeat: () => never }).active();
    await pass(13_000);
    for (const { transport, events } of [throwing, hanging]) {
      expect(transport.last).toMatchObject({ eventType: 'NODE_HEARTBEAT', payload: { nodeId: 'n-1' } });
      expect(events).toContain('error');
    }
  });

  it('may throw in a listener, which is an exception of the process and not of the protocol', async () => {
    const playing = new Playing({ on: { accepted: () => { throw new Error('mine'); } } }); // prettier-ignore
    await playing.joined();
    playing.answer('NODE_REGISTRATION_ACCEPTED');
    expect(playing.transport.last.eventType).toBe('NODE_INTROSPECTION');
    expect(() => jest.advanceTimersByTime(1)).toThrow('mine');
    await pass(0);
    expect(playing.transport.last.eventType).toBe('NODE_REGISTRATION_ACKED');
  });
});

describe('a node that leaves', () => {
  it('says goodbye, closes, and leaves nothing behind', async () => {
    const playing = await new Playing().active();
    const { correlationId } = playing;
    const left = playing.member.leave();
    expect(playing.member.leave()).toBe(left);
    await expect(left).resolves.toEqual({ told: true });
    expect(playing.transport.last).toMatchObject({ correlationId, payload: { reason: 'shutdown', incarnation: 1000 } });
    expect(playing.transport.isClosed).toBe(true);
    expect(playing.told.at(-1)).toEqual(['left', { told: true }]);
    expect(playing.member.status).toBe('left');
    await pass(0);
    expect(jest.getTimerCount()).toBe(0);
    await expect(playing.member.whenActive()).rejects.toThrow('n-1 has left: join() makes another membership');
    await expect(playing.member.rejoin()).rejects.toThrow('has left');
    await expect(playing.member.update({ metadata: {} })).rejects.toThrow('has left');
    const said = playing.transport.said.length;
    playing.answer('NODE_BECAME_ACTIVE');
    await pass(100_000);
    expect(playing.transport.said).toHaveLength(said);
  });

  it('waits no longer than it may for a registry that is away', async () => {
    const playing = await new Playing({ goodbyeWithinMs: 700 }).active();
    playing.transport.take = ({ payload }: Message) => ('reason' in payload ? never : Promise.resolve());
    let left: unknown;
    void playing.member.leave().then((how) => (left = how));
    await pass(600);
    expect(left).toBeUndefined();
    await pass(200);
    expect(left).toEqual({ told: false });
    await pass(0);
    expect(playing.transport.isClosed).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not wait at all where nobody can know it', async () => {
    const playing = new Playing();
    playing.transport.ready = never;
    await playing.joined();
    const waiting = expect(playing.member.whenActive()).rejects.toThrow('has left');
    await expect(playing.member.leave()).resolves.toEqual({ told: false });
    await pass(0);
    await waiting;
    expect(playing.transport.isClosed).toBe(true);
    expect(playing.transport.said).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('never begins when it has left before', async () => {
    const playing = new Playing();
    await playing.member.leave();
    await playing.joined();
    expect(playing.transport.said).toEqual([]);
  });
});
