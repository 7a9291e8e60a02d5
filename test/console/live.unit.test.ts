import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Batches, type Batch } from '../../src/console/live/batches.js';
import { eventOf, type FleetEvent } from '../../src/console/live/events.js';
import { follow, type Following } from '../../src/console/live/follow.js';
import { FrameReader, type Frame } from '../../src/console/live/frames.js';
import { Refresh } from '../../src/console/live/refresh.js';

/** Timers that a test lets run by hand. */
function timers() {
  const waiting = new Set<() => void>();
  return {
    later: (run: () => void) => {
      waiting.add(run);
      return () => waiting.delete(run);
    },
    elapse: () => {
      const due = [...waiting];
      waiting.clear();
      for (const run of due) run();
    },
    get count() {
      return waiting.size;
    },
  };
}

describe('server-sent events', () => {
  const STREAM =
    ': hello\n\nid: 7\nevent: NODE_BECAME_ACTIVE\ndata: {"a":1}\n\nid: 8\r\nevent: X\r\ndata: one\r\ndata: two\r\n\r\ndata:bare\n\n';
  const FRAMES: readonly Frame[] = [
    { id: '7', event: 'NODE_BECAME_ACTIVE', data: '{"a":1}' },
    { id: '8', event: 'X', data: 'one\ntwo' },
    // An id holds until the next one.
    { id: '8', event: 'message', data: 'bare' },
  ];

  it('are read whole', () => {
    expect(new FrameReader().push(STREAM)).toEqual(FRAMES);
  });

  it('are read however they were cut', () => {
    for (let size = 1; size <= STREAM.length; size += 1) {
      const reader = new FrameReader();
      const frames: Frame[] = [];
      for (let at = 0; at < STREAM.length; at += size) frames.push(...reader.push(STREAM.slice(at, at + size)));
      expect(frames).toEqual(FRAMES);
    }
  });

  it('wait for their end', () => {
    const reader = new FrameReader();
    expect(reader.push('event: X\ndata: 1\n')).toEqual([]);
    expect(reader.push('\n')).toEqual([{ id: null, event: 'X', data: '1' }]);
  });
});

describe('events', () => {
  const data = JSON.stringify({ event_id: 'e', event_timestamp: '2026-11-21T10:00:00Z', payload: { node_id: 'a' } });

  it('are what the envelope says', () => {
    expect(eventOf({ id: '1', event: 'NODE_DEREGISTERED', data })).toEqual({
      eventId: 'e',
      eventType: 'NODE_DEREGISTERED',
      nodeId: 'a',
      at: '2026-11-21T10:00:00Z',
    });
  });

  it.each([
    '',
    'no JSON',
    'null',
    '3',
    '{}',
    '{"event_id":"e","event_timestamp":"t","payload":null}',
    data.replace('"a"', '5'),
  ])('are not made of %s', (text) => {
    expect(eventOf({ id: null, event: 'X', data: text })).toBeNull();
  });
});

const event = (number: number): FleetEvent => ({
  eventId: String(number),
  eventType: 'X',
  nodeId: `node-${number % 700}`,
  at: '2026-11-21T10:00:00Z',
});

describe('batches', () => {
  it('hand on all that came within an interval, once', () => {
    const handed: Batch[] = [];
    const clock = timers();
    const batches = new Batches((batch) => handed.push(batch), 100, clock.later);
    batches.add(event(1));
    batches.add(event(2));
    expect([handed.length, clock.count]).toEqual([0, 1]);
    clock.elapse();
    expect(handed).toEqual([{ count: 2, newest: [event(2), event(1)], nodeIds: new Set(['node-1', 'node-2']) }]);
    clock.elapse();
    expect(handed).toHaveLength(1);
    batches.add(event(3));
    clock.elapse();
    expect(handed[1]).toEqual({ count: 1, newest: [event(3)], nodeIds: new Set(['node-3']) });
  });

  it('keep few of a herd, and count them all', () => {
    const handed: Batch[] = [];
    const clock = timers();
    const batches = new Batches((batch) => handed.push(batch), 100, clock.later);
    for (let number = 0; number < 20_000; number += 1) batches.add(event(number));
    clock.elapse();
    const [batch] = handed;
    expect(batch?.count).toBe(20_000);
    expect(batch?.newest).toHaveLength(50);
    expect(batch?.newest[0]).toEqual(event(19_999));
    // Too many to name: every node may have changed.
    expect(batch?.nodeIds).toBeNull();
  });

  it('hand on nothing once they are closed', () => {
    const handed: Batch[] = [];
    const clock = timers();
    const batches = new Batches((batch) => handed.push(batch), 100, clock.later);
    batches.add(event(1));
    batches.close();
    clock.elapse();
    expect(handed).toEqual([]);
  });
});

describe('a refresh', () => {
  it('comes at once, then once an interval, and once behind the last wish', () => {
    let runs = 0;
    const clock = timers();
    const refresh = new Refresh(() => (runs += 1), 100, clock.later);
    refresh.want();
    expect(runs).toBe(1);
    for (let wish = 0; wish < 1000; wish += 1) refresh.want();
    expect(runs).toBe(1);
    clock.elapse();
    expect(runs).toBe(2);
    clock.elapse();
    clock.elapse();
    expect(runs).toBe(2);
    refresh.want();
    expect(runs).toBe(3);
    refresh.want();
    refresh.close();
    clock.elapse();
    expect(runs).toBe(3);
  });
});

describe('following', () => {
  const body = (text: string) => new Response(text, { status: 200 });
  const FRAME = 'id: 5\nevent: X\ndata: {}\n\n';

  async function followed(answers: readonly (() => Promise<Response>)[]) {
    const stop = new AbortController();
    const asked: (string | null)[] = [];
    const frames: Frame[] = [];
    const states: Following[] = [];
    const pauses: number[] = [];
    let next = 0;
    await follow(
      {
        open: (lastEventId) => {
          asked.push(lastEventId);
          const answer = answers[next];
          next += 1;
          if (answer !== undefined) return answer();
          stop.abort();
          return Promise.reject(new Error('aborted'));
        },
        onFrame: (frame) => frames.push(frame),
        onChange: (state) => states.push(state),
        pause: async (ms) => {
          pauses.push(ms);
          await turn();
        },
        random: () => 0,
      },
      stop.signal,
    );
    return { asked, frames, states, pauses };
  }

  it('goes on behind the last event when the connection breaks', async () => {
    const { asked, frames, states } = await followed([
      async () => body(FRAME),
      () => Promise.reject(new Error('refused')),
      async () => body('data: {}\n\n'),
    ]);
    expect(asked).toEqual([null, '5', '5', '5']);
    expect(frames).toHaveLength(2);
    expect(states).toEqual(['connecting', 'live', 'lost', 'lost', 'live', 'lost']);
  });

  it('waits longer after each failure, up to a bound, and from the beginning after a success', async () => {
    const refused = () => Promise.resolve(new Response('', { status: 503 }));
    const { pauses } = await followed([...Array.from({ length: 8 }, () => refused), async () => body(''), refused]);
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500, 250, 500]);
  });
});
