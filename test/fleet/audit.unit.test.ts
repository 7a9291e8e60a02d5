import { describe, expect, it } from '@jest/globals';
import { Audit, faultsOf, type Noted } from '../../src/fleet/audit.js';
import { begin } from '../../src/fleet/simulated-node.js';
import { encode, type Message } from '../../src/messages/index.js';
import { answer, OTHER } from '../client/answers.js';

const at = (seconds: number) => `2026-01-01T00:00:0${seconds}.000Z`;

/** [type, id, cause, second] */
type Line = readonly [Noted['eventType'], string, string | null, number];

const COURSE: readonly Line[] = [
  ['NODE_REGISTRATION_INITIATED', 'initiated', 'introspection', 0],
  ['CONSUL_INTENT', 'intent', 'initiated', 0],
  ['CONSUL_REGISTERED', 'registered', 'intent', 1],
  ['REGISTRATION_COMPLETED', 'completed', 'registered', 2],
  ['NODE_REGISTRATION_ACCEPTED', 'accepted', 'completed', 2],
  ['NODE_REGISTRATION_ACK_RECEIVED', 'received', 'ack', 3],
  ['NODE_BECAME_ACTIVE', 'active', 'ack', 3],
];

function faults(lines: readonly Line[]): string[] {
  const noted = lines.map(([eventType, eventId, causationId, second]) => ({
    eventType,
    eventId,
    causationId,
    timestamp: at(second),
    meaning: eventId,
    digest: undefined,
  }));
  return faultsOf({ noted, introspectionId: 'introspection', ackId: 'ack' });
}

const changed = (id: string, to: Line) => COURSE.map((line) => (line[1] === id ? to : line));

describe('the course of a node', () => {
  it('is right when it is complete, in whatever order it was heard', () => {
    expect(faults(COURSE)).toEqual([]);
    expect(faults([...COURSE].reverse())).toEqual([]);
  });

  it('may go by way of a deadline, which has no cause', () => {
    const degraded = changed('completed', ['DEADLINE_PASSED', 'completed', null, 2]);
    expect(faults(degraded.filter(([, id]) => id !== 'registered'))).toEqual([]);
  });

  it.each([
    ['a message is missing', COURSE.filter(([, id]) => id !== 'received'), /ACK_RECEIVED 0 times/],
    ['one comes twice', [...COURSE, ['NODE_BECAME_ACTIVE', 'b', 'ack', 4] as Line], /BECAME_ACTIVE 2 times/],
    ['it was also rejected', [...COURSE, ['NODE_REGISTRATION_REJECTED', 'r', 'x', 4] as Line], /REJECTED for a node/],
    [
      'time goes back',
      changed('accepted', ['NODE_REGISTRATION_ACCEPTED', 'accepted', 'completed', 4]),
      /is older than/,
    ],
    ['a link is missing', COURSE.filter(([, id]) => id !== 'intent'), /ACCEPTED: the chain .* breaks at intent/],
    ['another ack is the cause', changed('active', ['NODE_BECAME_ACTIVE', 'active', 'x', 3]), /ACTIVE: the chain/],
    ['it has no cause', changed('initiated', ['NODE_REGISTRATION_INITIATED', 'initiated', null, 0]), /breaks at null/],
    ['it goes in a circle', changed('intent', ['CONSUL_INTENT', 'intent', 'completed', 0]), /ACCEPTED: the chain/],
  ])('is wrong when %s', (_, lines, fault) => {
    expect(faults(lines)).toEqual([expect.stringMatching(fault)]);
  });
});

describe('what is heard', () => {
  const { node } = begin('n-1', 0, 1, 0);
  const accepted = answer('NODE_REGISTRATION_ACCEPTED', { correlationId: node.correlationId });
  const note = (audit: Audit, message: Message, value = encode(message)) =>
    audit.note(node, message, Buffer.from(value));
  const audit = (freshIds = true) => {
    node.noted.length = 0;
    return new Audit({ verify: true, freshIds });
  };

  it('is new once, then a copy', () => {
    const judge = audit();
    expect([note(judge, accepted), note(judge, accepted)]).toEqual(['new', 'copy']);
    expect(judge.violations).toEqual([]);
  });

  it('may not differ between copies', () => {
    const judge = audit();
    note(judge, accepted);
    expect(note(judge, accepted, `${encode(accepted)} `)).toBe('copy');
    expect(judge.violations).toHaveLength(1);
  });

  it('may not come under two event ids', () => {
    const judge = audit();
    note(judge, accepted);
    expect(note(judge, { ...accepted, eventId: OTHER })).toBe('contradiction');
    expect(judge.violations[0]?.text).toMatch(/twice under two event ids/);
  });

  it('may come again for another attempt', () => {
    const judge = audit();
    note(judge, accepted);
    const again = answer('NODE_REGISTRATION_ACCEPTED', { correlationId: node.correlationId, attemptId: OTHER });
    expect(note(judge, again)).toBe('new');
    expect(judge.violations).toEqual([]);
  });

  it('is foreign with another correlation id, which only nodes of an earlier run excuse', () => {
    const foreign = { ...accepted, correlationId: OTHER };
    const [fresh, repeated] = [audit(true), audit(false)];
    expect([note(fresh, foreign), note(repeated, foreign)]).toEqual(['foreign', 'foreign']);
    expect([fresh.violations.length, repeated.violations.length]).toEqual([1, 0]);
  });
});
