import { describe, expect, it } from '@jest/globals';
import { everyAttemptEnds } from '../../src/chaos/invariants/every-attempt-ends.js';
import { noReturnUnasked } from '../../src/chaos/invariants/no-return-unasked.js';
import { noWrongfulExpiry } from '../../src/chaos/invariants/no-wrongful-expiry.js';
import { oncePerAttempt } from '../../src/chaos/invariants/once-per-attempt.js';
import { sameBytes } from '../../src/chaos/invariants/same-bytes.js';
import { BEGAN_AT, HandMadeLog } from './hand-made.js';

/** A node that registers, leaves and comes back, with copies of what was said: nothing is wrong. */
function lawful(): HandMadeLog {
  const log = new HandMadeLog().registers('a', 'a1').leaves('a', 'a1', 4).registers('a', 'a2', 6);
  log.say('NODE_BECAME_ACTIVE', 'b', {}, { id: 'copied' });
  log.records.pop();
  return log;
}

const LAWFUL = lawful().evidence();

describe('same-bytes', () => {
  it('lets copies pass', () => {
    const log = lawful();
    const [first] = log.records;
    log.records.push({ ...first!, offset: 99 });
    expect(sameBytes.judge(log.evidence())).toMatchObject({ looked: log.records.length - 1, violations: [] });
  });

  it('finds a copy that says something else', () => {
    const log = lawful();
    const [first] = log.records;
    log.records.push({ ...first!, offset: 99, digest: 'other bytes' });
    expect(sameBytes.judge(log.evidence()).violations).toEqual([
      'a1 of a differs: NODE_INTROSPECTION evt.node-introspection.v1/0@0, NODE_INTROSPECTION evt.node-introspection.v1/0@99',
    ]);
  });
});

describe('once-per-attempt', () => {
  it('lets a lawful log and copies under one id pass', () => {
    const log = lawful();
    const active = log.records.find(({ message }) => message?.eventType === 'NODE_BECAME_ACTIVE');
    log.records.push({ ...active!, offset: 99 });
    expect(oncePerAttempt.judge(log.evidence())).toMatchObject({ looked: 6, violations: [] });
  });

  it.each([
    'NODE_REGISTRATION_ACCEPTED',
    'NODE_REGISTRATION_ACK_RECEIVED',
    'NODE_BECAME_ACTIVE',
    'NODE_REGISTRATION_ACK_TIMED_OUT',
  ] as const)('finds a second %s', (type) => {
    const log = lawful();
    for (const id of ['one', 'other']) log.say(type, 'c', { attemptId: 'c1' }, { id });
    expect(oncePerAttempt.judge(log.evidence()).violations).toEqual([
      expect.stringContaining(`${type} c1 of c 2 times`),
    ]);
  });
});

describe('every-attempt-ends', () => {
  it('lets pass what became active, timed out or was superseded', () => {
    const log = lawful();
    log.begins('t', 't1', 1).say('NODE_REGISTRATION_ACCEPTED', 't', { attemptId: 't1' });
    log.say('NODE_REGISTRATION_ACK_TIMED_OUT', 't', { attemptId: 't1' });
    log.begins('s', 's1', 1).say('NODE_REGISTRATION_ACCEPTED', 's', { attemptId: 's1' });
    log.registers('s', 's2', 3);
    log.begins('l', 'l1', 1).say('NODE_REGISTRATION_ACCEPTED', 'l', { attemptId: 'l1' });
    log.leaves('l', 'l1', 3);
    expect(everyAttemptEnds.judge(log.evidence())).toMatchObject({ looked: 6, violations: [] });
  });

  it('finds an attempt that did both', () => {
    const log = lawful();
    log.say('NODE_REGISTRATION_ACK_TIMED_OUT', 'a', { attemptId: 'a2' });
    expect(everyAttemptEnds.judge(log.evidence()).violations).toEqual(['a: attempt a2 became active and timed out']);
  });

  it('finds one that did neither', () => {
    const log = lawful();
    log.begins('n', 'n1', 1).say('NODE_REGISTRATION_ACCEPTED', 'n', { attemptId: 'n1' });
    expect(everyAttemptEnds.judge(log.evidence()).violations).toEqual([
      'n: attempt n1 was accepted, and neither became active nor timed out',
    ]);
  });

  it('finds one that became active without having been accepted', () => {
    const log = lawful();
    log.say('NODE_BECAME_ACTIVE', 'u', { attemptId: 'u1', workflowVersion: 1 });
    expect(everyAttemptEnds.judge(log.evidence()).violations).toEqual([
      'attempt u1 became active and was never accepted',
    ]);
  });
});

describe('no-return-unasked', () => {
  it('lets one come back who says so', () => {
    expect(noReturnUnasked.judge(LAWFUL)).toMatchObject({ looked: 2, violations: [] });
  });

  it('finds one who is brought back by the attempt that it had left', () => {
    const log = new HandMadeLog().registers('a', 'a1').leaves('a', 'a1', 4);
    log.say('NODE_BECAME_ACTIVE', 'a', { attemptId: 'a1', workflowVersion: 6 }, { id: 'resurrection' });
    expect(noReturnUnasked.judge(log.evidence()).violations).toEqual([
      'a became active by attempt a1, which it had left before',
    ]);
  });

  it('finds an attempt that no message began', () => {
    const log = new HandMadeLog();
    log.say('NODE_BECAME_ACTIVE', 'a', { attemptId: 'made up', workflowVersion: 1 });
    expect(noReturnUnasked.judge(log.evidence()).violations).toEqual(['a became active by made up, which nobody sent']);
  });
});

describe('no-wrongful-expiry', () => {
  const DEADLINE = BEGAN_AT + 60_000;
  const HEARTBEATS = 'evt.node-heartbeat.v1';

  /** A node beats at some time, its marker follows it or not, and it expires. The window is 10 s. */
  function expiry({
    beatAt,
    beatFirst = true,
    life = 'x',
    partition = 0,
  }: {
    beatAt: number;
    beatFirst?: boolean;
    life?: string;
    partition?: number;
  }) {
    const log = new HandMadeLog();
    const beat = () => log.say('NODE_HEARTBEAT', 'x', {}, { appendedAt: beatAt, correlationId: life, partition });
    const deadlineAt = new Date(DEADLINE).toISOString();
    if (beatFirst) beat();
    log.say('DEADLINE_PASSED', 'x', { kind: 'liveness', deadlineAt }, { topic: HEARTBEATS, id: 'marker' });
    if (!beatFirst) beat();
    log.say(
      'NODE_LIVENESS_EXPIRED',
      'x',
      { deadlineAt, lastHeartbeatAt: null },
      { correlationId: 'x', causationId: 'marker' },
    );
    return noWrongfulExpiry.judge(log.evidence());
  }

  it('lets one expire who was silent for a window', () => {
    expect(expiry({ beatAt: DEADLINE - 10_000 })).toMatchObject({ looked: 1, violations: [] });
  });

  it('lets one expire whose heartbeat stands behind the marker', () => {
    expect(expiry({ beatAt: DEADLINE - 1000, beatFirst: false }).violations).toEqual([]);
  });

  it('lets one expire whose heartbeat is of another life', () => {
    expect(expiry({ beatAt: DEADLINE - 1000, life: 'former' }).violations).toEqual([]);
  });

  it('finds one who had beaten in time', () => {
    expect(expiry({ beatAt: DEADLINE - 1000 }).violations).toEqual([
      'x expired at 2026-11-21T12:01:00.000Z by evt.node-heartbeat.v1/0@1, and had a heartbeat in time: evt.node-heartbeat.v1/0@0',
    ]);
  });

  it('finds one who had beaten late, and before the marker', () => {
    expect(expiry({ beatAt: DEADLINE + 5000 }).violations).toHaveLength(1);
  });

  it('finds an expiry without a marker', () => {
    const log = new HandMadeLog();
    log.say('NODE_LIVENESS_EXPIRED', 'x', { deadlineAt: new Date(DEADLINE).toISOString() }, { causationId: 'nothing' });
    expect(noWrongfulExpiry.judge(log.evidence()).violations).toEqual([
      'x expired, evt.node-liveness-expired.v1/0@0, and no marker says why',
    ]);
  });
});
