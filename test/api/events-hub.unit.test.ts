import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { encodeCursor } from '../../src/api/events/cursor.js';
import { eventFilter } from '../../src/api/events/filter.js';
import { MAX_FOLLOWERS, type FleetHub } from '../../src/api/events/fleet-hub.js';
import type { Start } from '../../src/api/events/listener.js';
import { StreamSlots } from '../../src/api/gateway/stream-slots.js';
import { MemoryLog } from '../support/memory-log.js';
import { until } from '../support/stack.js';
import { hubOf, sound, TestListener } from './events-listener.js';

const TYPES = ['NODE_REGISTRATION_ACCEPTED', 'NODE_REGISTRATION_ACK_RECEIVED', 'NODE_BECAME_ACTIVE'] as const;

let hubs: FleetHub[] = [];
afterEach(() => {
  for (const hub of hubs) hub.beforeApplicationShutdown();
  hubs = [];
});

function start(log = new MemoryLog(), slots?: StreamSlots) {
  const { hub, metrics } = hubOf(log, slots);
  hubs.push(hub);
  return { log, hub, metrics };
}

async function listen(hub: FleetHub, from: Start = 'now', listener = new TestListener()): Promise<TestListener> {
  await hub.open(listener, from, (following) => listener.begin(following));
  return listener;
}

const upToDate = (listener: TestListener) => until(() => listener.upToDates > 0, { what: 'the present', everyMs: 2 });

describe('who follows', () => {
  it('hears what happens from then on, each thing once, and stands behind it', async () => {
    const { log, hub } = start();
    log.say('a', 'NODE_BECAME_ACTIVE');
    const listener = await listen(hub);
    const said = [log.say('a', 'NODE_DEREGISTERED'), ...log.sayAll([['b', 'NODE_BECAME_ACTIVE'], ['c', 'NODE_BECAME_ACTIVE']])]; // prettier-ignore
    expect(listener.ids).toEqual(said);
    expect(listener.heard.map(({ nodeId, type }) => [nodeId, type])).toEqual([
      ['a', 'NODE_DEREGISTERED'],
      ['b', 'NODE_BECAME_ACTIVE'],
      ['c', 'NODE_BECAME_ACTIVE'],
    ]);
    expect(listener.cursor).toBe(listener.following?.cursor());
    expect(log.reads).toBe(0);
  });

  it('hears only what its filter lets pass', async () => {
    const { log, hub } = start();
    const one = await listen(hub, 'now', new TestListener(eventFilter({ nodeId: 'a' })));
    const other = await listen(hub, 'now', new TestListener(eventFilter({ eventTypes: ['NODE_DEREGISTERED'] })));
    const [first, second] = [log.say('a', 'NODE_BECAME_ACTIVE'), log.say('b', 'NODE_BECAME_ACTIVE')];
    const [third, fourth] = [log.say('a', 'NODE_DEREGISTERED'), log.say('b', 'NODE_DEREGISTERED')];
    expect(one.ids).toEqual([first, third]);
    expect(other.ids).toEqual([third, fourth]);
    expect(one.ids).not.toContain(second);
  });

  it('can begin with all that there is', async () => {
    const { log, hub } = start();
    const said = TYPES.flatMap((type) => ['a', 'b', 'c', 'd', 'e'].map((nodeId) => log.say(nodeId, type)));
    const listener = await listen(hub, 'earliest');
    await upToDate(listener);
    said.push(log.say('a', 'NODE_DEREGISTERED'));
    expect(listener.ids).toEqual(said);
  });

  it('hears what is said in the moment in which it comes to the present', async () => {
    const { log, hub } = start();
    const said = [log.say('a', 'NODE_BECAME_ACTIVE')];
    log.atTheEnd = () => said.push(log.say('a', 'NODE_DEREGISTERED'));
    const listener = await listen(hub, 'earliest');
    await upToDate(listener);
    expect(listener.ids).toEqual(said);
    expect(said).toHaveLength(2);
  });

  it('is spared what somebody else wrote into the topics', async () => {
    const { log, hub } = start();
    const listener = await listen(hub);
    log.append('a', 'NODE_BECAME_ACTIVE', 'x', {}, null);
    log.append('a', 'NODE_BECAME_ACTIVE', 'x', {}, Buffer.from('not JSON'));
    log.append('a', 'NODE_BECAME_ACTIVE', 'x', {}, Buffer.from('{"event_type":"NODE_DEREGISTERED","payload":{}}'));
    log.append('a', 'NODE_BECAME_ACTIVE', 'x', {}, Buffer.from('{"event_type":"NODE_BECAME_ACTIVE","payload":{}}'));
    const wild = await listen(hub, 'earliest');
    await upToDate(wild);
    const said = log.say('a', 'NODE_BECAME_ACTIVE');
    expect([wild.ids, listener.ids]).toEqual([[said], [said]]);
  });
});

describe('a listener that comes back', () => {
  it('hears what it missed, at whichever replica', async () => {
    const { log, hub } = start();
    const listener = await listen(hub);
    const first = log.say('a', 'NODE_BECAME_ACTIVE');
    listener.following?.close();
    const missed = [log.say('b', 'NODE_BECAME_ACTIVE'), log.say('a', 'NODE_DEREGISTERED')];
    const other = await listen(start(log).hub, sound(listener.cursor));
    await upToDate(other);
    expect([listener.ids, other.ids]).toEqual([[first], missed]);
  });

  it('with one cut after the other, at any place, hears everything once and in order', async () => {
    const saying = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(...TYPES));
    const cut = fc.constant('cut' as const);
    const step = fc.oneof({ weight: 6, arbitrary: saying }, { weight: 1, arbitrary: cut });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), async (steps, room) => {
        const { log, hub } = start();
        const said: string[] = [];
        const heard: string[] = [];
        let listener = await listen(hub);
        for (const step of steps) {
          if (step !== 'cut') said.push(log.say(...step));
          else {
            listener.following?.close();
            heard.push(...listener.ids);
            const next = new TestListener();
            next.room = room;
            listener = await listen(hub, sound(listener.cursor), next);
          }
          await new Promise(setImmediate);
        }
        await until(
          () => {
            listener.goOn();
            return heard.length + listener.ids.length >= said.length;
          },
          { what: 'all events', everyMs: 1 },
        );
        expect([...heard, ...listener.ids]).toEqual(said);
        listener.following?.close();
      }),
      { numRuns: 40 },
    );
  });

  it('from a replica that is further waits until this one has come there, and hears nothing twice', async () => {
    const { log, hub } = start();
    await listen(hub);
    // The tail has not heard of it yet.
    const ahead = log.append('a', 'NODE_BECAME_ACTIVE', 'x', {});
    const { next } = await log.bounds();
    const fingerprint = sound((await listen(hub)).cursor).fingerprint;
    const listener = await listen(hub, { fingerprint, place: next });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([listener.upToDates, listener.ids]).toEqual([0, []]);
    log.tellAgain(ahead);
    await upToDate(listener);
    const said = log.say('a', 'NODE_DEREGISTERED');
    expect(listener.ids).toEqual([said]);
  });

  it.each([
    ['expired', (log: MemoryLog) => log.forgetAllBut(2)],
    ['other_log', (log: MemoryLog) => (log.name = 'another')],
  ])('is told that something is gone (%s), and hears what is left', async (reason, lose) => {
    const { log, hub } = start();
    const listener = await listen(hub);
    listener.following?.close();
    const said = TYPES.map((type) => log.say('a', type));
    lose(log);
    const again = await listen(start(log).hub, sound(listener.cursor));
    await upToDate(again);
    expect([again.losses, again.ids]).toEqual([[reason], reason === 'expired' ? said.slice(1) : said]);
  });

  it('is told when the log overtakes it on its way', async () => {
    const { log, hub, metrics } = start();
    const listener = await listen(hub);
    listener.following?.close();
    for (let n = 0; n < 40; n++) log.say('a', 'NODE_BECAME_ACTIVE');
    const again = new TestListener();
    again.room = 5;
    await listen(hub, sound(listener.cursor), again);
    await until(() => again.room <= 0, { what: 'a pause' });
    log.forgetAllBut(3);
    again.goOn();
    await upToDate(again);
    expect(again.losses).toEqual(['expired']);
    expect(again.ids.slice(-3)).toEqual(log.records.map(({ value }) => (JSON.parse(String(value)) as { event_id: string }).event_id)); // prettier-ignore
    expect(await metrics.metrics()).toContain('rollcall_event_gaps_total{reason="expired"} 1');
  });
});

describe('a slow listener', () => {
  it('holds up nobody, takes what it was told, and goes on from there when it can', async () => {
    const { log, hub } = start();
    const [slow, quick] = [new TestListener(), await listen(hub)];
    slow.room = 1;
    await listen(hub, 'now', slow);
    const said = Array.from({ length: 250 }, (_, n) => log.say(`n-${n}`, 'NODE_BECAME_ACTIVE'));
    expect(quick.ids).toEqual(said);
    expect(slow.ids).toEqual(said.slice(0, 1));
    slow.goOn(120);
    await until(() => slow.room <= 0, { what: 'a pause' });
    expect(slow.ids.length).toBeLessThan(250);
    slow.goOn();
    await until(() => slow.ids.length === 250, { what: 'the rest' });
    said.push(log.say('z', 'NODE_BECAME_ACTIVE'));
    await until(() => slow.ids.length === 251, { what: 'the present' });
    expect(slow.ids).toEqual(said);
  });

  it('of a large batch has taken no more than a portion when it stops', async () => {
    const { log, hub } = start();
    const slow = new TestListener();
    slow.room = 1;
    await listen(hub, 'now', slow);
    log.sayAll(Array.from({ length: 1000 }, (_, n) => [`n-${n}`, 'NODE_BECAME_ACTIVE'] as const));
    expect(slow.ids.length).toBe(100);
  });

  it('that has stopped to read is let go', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
    try {
      const { hub, log, metrics } = start();
      const listener = await listen(hub);
      listener.isAlive = false;
      await jest.advanceTimersByTimeAsync(1100);
      expect([listener.ended, log.followed]).toEqual(['stalled', 0]);
      expect(await metrics.metrics()).toContain('rollcall_event_followers_dropped_total{protocol="sse"} 1');
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a log that is away', () => {
  it('takes no followers', async () => {
    const { log, hub } = start();
    log.isAway = true;
    await expect(listen(hub)).rejects.toMatchObject({ type: 'log-unavailable' });
    log.isAway = false;
    await listen(hub);
  });

  it('lets those who are on their way wait, and brings them everything', async () => {
    const { log, hub } = start();
    const listener = await listen(hub);
    listener.following?.close();
    const said = Array.from({ length: 20 }, () => log.say('a', 'NODE_BECAME_ACTIVE'));
    await listen(hub);
    const again = await listen(hub, sound(listener.cursor));
    log.isAway = true;
    await until(() => log.reads > 1, { what: 'a read that fails' });
    log.isAway = false;
    await upToDate(again);
    expect(again.ids).toEqual(said);
  });

  it('tells all when it lost the place', async () => {
    const { log, hub } = start();
    const listener = await listen(hub);
    log.append('a', 'NODE_BECAME_ACTIVE', 'x', {});
    log.cutOff();
    expect(listener.losses).toEqual(['expired']);
    const said = log.say('a', 'NODE_BECAME_ACTIVE');
    expect(listener.ids).toEqual([said]);
  });
});

describe('the hub', () => {
  it('reads only while somebody follows', async () => {
    const { log, hub, metrics } = start();
    expect(log.followed).toBe(0);
    for (let time = 1; time <= 2; time++) {
      const [one, other] = [await listen(hub), await listen(hub)];
      one.following?.close();
      one.following?.close();
      expect(log.followed).toBe(1);
      expect(await metrics.metrics()).toContain('rollcall_event_followers{protocol="sse"} 1');
      other.following?.close();
      expect(log.followed).toBe(0);
    }
  });

  it('reads once for all who come at the same time', async () => {
    const { log, hub } = start();
    await Promise.all(Array.from({ length: 10 }, () => listen(hub)));
    expect(log.followed).toBe(1);
  });

  it('has room for so many, and shares it with other streams', async () => {
    const { hub } = start();
    const listeners = await Promise.all(Array.from({ length: MAX_FOLLOWERS }, () => listen(hub)));
    await expect(listen(hub)).rejects.toMatchObject({ type: 'too-many-streams' });
    listeners[0]?.following?.close();
    await listen(hub);

    const slots = new StreamSlots(2);
    const release = slots.take();
    const { hub: small } = start(new MemoryLog(), slots);
    const one = await listen(small);
    await expect(listen(small)).rejects.toMatchObject({ type: 'too-many-streams' });
    release();
    release();
    one.following?.close();
    await Promise.all([listen(small), listen(small)]);
    await expect(listen(small)).rejects.toMatchObject({ type: 'too-many-streams' });
  });

  it('ends all when the server stops, and takes no more', async () => {
    const { log, hub } = start();
    const listener = await listen(hub);
    hub.beforeApplicationShutdown();
    expect([listener.ended, log.followed]).toEqual(['stopping', 0]);
    await expect(listen(hub)).rejects.toMatchObject({ type: 'too-many-streams' });
  });

  it('gives cursors that are good for any filter', async () => {
    const { log, hub } = start();
    const filtered = await listen(hub, 'now', new TestListener(eventFilter({ nodeId: 'a' })));
    log.say('b', 'NODE_BECAME_ACTIVE');
    log.say('a', 'NODE_BECAME_ACTIVE');
    const after = [log.say('b', 'NODE_DEREGISTERED')];
    const all = await listen(hub, sound(filtered.cursor));
    await upToDate(all);
    expect(all.ids).toEqual(after);
    expect(encodeCursor(sound(all.cursor))).toBe(all.cursor);
  });
});
