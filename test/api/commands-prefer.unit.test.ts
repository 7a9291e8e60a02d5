import { expect, it } from '@jest/globals';
import { preferredWait } from '../../src/api/commands/prefer.js';
import { correlationId, traceparent } from '../../src/api/commands/request-headers.js';
import { Problem } from '../../src/api/http/problem.js';

it.each([
  [undefined, 0],
  ['', 0],
  ['wait=5', 5],
  ['WAIT = 5', 5],
  ['wait="7"', 7],
  ['respond-async, wait=10', 10],
  ['handling=lenient; a="b, wait=3", wait=10;x=y', 10],
  ['respond-async; wait=5', 0],
  ['foo="bar, wait=3"', 0],
  ['wait=5, wait=9', 5],
  ['wait=0', 0],
  ['wait=31', 30],
  ['wait=9999999999', 30],
  ['waiting=5', 0],
  [',,wait=2,', 2],
  [['return=minimal', 'wait=4'], 4],
  [`${'x, '.repeat(100)}wait=6`, 6],
])('Prefer: %j waits for %i seconds', (prefer, seconds) => {
  expect(preferredWait({ prefer })).toBe(seconds);
});

it.each(['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=soon', 'wait="5 s"', 'wait=99999999999'])(
  'Prefer: %s is not valid',
  (prefer) => {
    expect(() => preferredWait({ prefer })).toThrow(Problem);
    expect(() => preferredWait({ prefer })).toThrow('Prefer (header) is not valid');
  },
);

it.each([
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', true],
  ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', false],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01', false],
  ['4bf92f', false],
])('traceparent %s is passed on: %s', (value, passed) => {
  expect(traceparent({ traceparent: value })).toBe(passed ? value : undefined);
});

it('takes a correlation id that is a UUID, in lower case, and no other', () => {
  const id = '6F2D1C9E-4A5B-4C3D-8E7F-001122334455';
  expect(correlationId({ 'x-correlation-id': id })).toBe(id.toLowerCase());
  expect(correlationId({ 'x-correlation-id': 'request 5' })).toBeUndefined();
  expect(correlationId({})).toBeUndefined();
});
