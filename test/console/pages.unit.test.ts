import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NODE_STATES, NODE_TYPES, type ListOf } from '../../src/console/api/fleet-model.js';
import type { NodeStep } from '../../src/api-answers/answers.js';
import { ApiProblem, asProblem, fieldErrors, NO_ANSWER, problemFrom } from '../../src/console/api/problem.js';
import { isFiltered, listFromSearch, searchFromList } from '../../src/console/fleet/filters.js';
import { momentAt, placeOf, STEPS } from '../../src/console/fleet/moments.js';
import { rowAfter } from '../../src/console/fleet/row-after.js';
import { causeOf, originOf, takerOf } from '../../src/console/node/links.js';
import { outputWords } from '../../src/console/node/outputs.js';
import { bodyOf, draftFieldOf, EMPTY_DRAFT } from '../../src/console/register/draft.js';
import { mayOperate, personOf } from '../../src/console/session/roles.js';
import { NODE_STATES as STATES_OF_THE_API } from '../../src/api/read/node.js';
import { NODE_TYPES as TYPES_OF_THE_API } from '../../src/messages/index.js';

it('states and types are those of the API', () => {
  expect([...NODE_STATES].sort()).toEqual([...STATES_OF_THE_API].sort());
  expect([...NODE_TYPES].sort()).toEqual([...TYPES_OF_THE_API].sort());
});

describe('the address of a list', () => {
  const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).map((value) => value.trim());
  const lists: fc.Arbitrary<ListOf> = fc
    .record(
      {
        q: text,
        state: fc.constantFrom(...NODE_STATES),
        nodeType: fc.constantFrom(...NODE_TYPES),
        capability: text,
      },
      { requiredKeys: [] },
    )
    .map((filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '')))
    .chain((filter) =>
      fc
        .option(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }))
        .map((date) => ({ filter, asOf: date?.toISOString() ?? null })),
    );

  it('leads back to it', () => {
    fc.assert(fc.property(lists, (list) => expect(listFromSearch(searchFromList(list))).toEqual(list)));
  });

  it('that means nothing is passed over', () => {
    const none = { filter: {}, asOf: null };
    expect(listFromSearch('?state=asleep&type=toaster&asOf=yesterday&q=%20&x=1')).toEqual(none);
    expect(isFiltered(none)).toBe(false);
    expect(searchFromList(none)).toBe('');
    expect(listFromSearch(`q=${'x'.repeat(300)}`).filter.q).toHaveLength(255);
  });
});

describe('the time slider', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const scale = { span: 'hour', now } as const;

  it('goes from the beginning of its span to now', () => {
    expect(momentAt(0, scale)).toBe('2026-11-21T11:00:00.000Z');
    expect(momentAt(STEPS / 2, scale)).toBe('2026-11-21T11:30:00.000Z');
    expect(momentAt(STEPS, scale)).toBeNull();
  });

  it('rests where it was put', () => {
    for (let place = 0; place < STEPS; place += 1) {
      expect(placeOf(Date.parse(momentAt(place, scale) ?? ''), scale)).toBe(place);
    }
  });

  it('shows what lies before its span at its beginning, and is now only at its end', () => {
    expect(placeOf(now - 48 * 3600_000, scale)).toBe(0);
    expect(placeOf(now, scale)).toBe(STEPS - 1);
  });
});

it.each([
  ['ArrowDown', 3, 4],
  ['ArrowDown', 99, 99],
  ['ArrowUp', 0, 0],
  ['PageDown', 50, 60],
  ['PageDown', 95, 99],
  ['PageUp', 5, 0],
  ['Home', 50, 0],
  ['End', 50, 99],
  ['a', 50, null],
])('%s at row %i of 100 leads to %p', (key, row, expected) => {
  expect(rowAfter(key, row, { count: 100, page: 10 })).toBe(expected);
});

describe('the form', () => {
  const draft = { ...EMPTY_DRAFT, nodeId: ' billing-7 ' };
  const RECORD = {
    nodeId: 'billing-7',
    nodeType: 'effect',
    nodeVersion: '1.0.0',
    acknowledgement: 'waived',
    liveness: 'none',
  };

  it('becomes the body of a request', () => {
    const given = {
      ...draft,
      capabilities: 'invoices, refunds tax',
      endpoints: 'api http://10.0.0.7:8080/a?x=1\n\nhealth = http://10.0.0.7:8080/health\n',
      metadata: '{ "team": { "name": "billing" } }',
    };
    expect(bodyOf(given).body).toEqual({
      ...RECORD,
      capabilities: ['invoices', 'refunds', 'tax'],
      endpoints: { api: 'http://10.0.0.7:8080/a?x=1', health: 'http://10.0.0.7:8080/health' },
      metadata: { team: { name: 'billing' } },
    });
  });

  it('may leave out what the API has defaults for', () => {
    expect(bodyOf({ ...draft, nodeVersion: '' }).body).toEqual({
      nodeId: 'billing-7',
      nodeType: 'effect',
      acknowledgement: 'waived',
      liveness: 'none',
      capabilities: [],
      endpoints: {},
      metadata: {},
    });
  });

  it('takes capabilities with values, and a URL alone', () => {
    const given = { ...draft, capabilities: '{"resize": {"max": 5}}', endpoints: 'http://a.example/?b=c' };
    expect(bodyOf(given).body).toMatchObject({
      capabilities: { resize: { max: 5 } },
      endpoints: { api: 'http://a.example/?b=c' },
    });
  });

  it.each([
    [{ metadata: '{' }, 'metadata', /is no JSON/],
    [{ metadata: '[1]' }, 'metadata', /must be a JSON object/],
    [{ capabilities: '{"a"' }, 'capabilities', /is no JSON/],
    [{ endpoints: 'api' }, 'endpoints', /needs a name and a URL/],
    [{ endpoints: 'a http://x\na http://y' }, 'endpoints', /names a twice/],
    [{ nodeId: ' ' }, 'nodeId', /must be given/],
  ] as const)('refuses %j by itself', (change, field, message) => {
    const { body, errors } = bodyOf({ ...draft, ...change });
    expect(body).toBeNull();
    expect([...(errors ?? [])]).toEqual([[field, expect.stringMatching(message)]]);
  });

  it('knows which field an error of the API is about', () => {
    expect(['nodeId', 'endpoints.api', 'metadata', 'Idempotency-Key', 'toString'].map(draftFieldOf)).toEqual([
      'nodeId',
      'endpoints',
      'metadata',
      null,
      null,
    ]);
  });
});

describe('links between steps', () => {
  const step = (eventId: string, causationId: string | null, outputs: readonly string[] = []): NodeStep => ({
    machine: 'orchestrator',
    version: 1,
    eventId,
    eventType: 'X',
    rule: 'r',
    fromStatus: 'none',
    path: 'a',
    toStatus: 'a',
    occurredAt: '2026-11-21T10:00:00Z',
    correlationId: 'c',
    causationId,
    ignored: false,
    source: null,
    payload: {},
    outputs: outputs.map((id) => ({ eventId: id, eventType: 'Y', payload: {} })),
  });
  const began = step('in', null, ['initiated']);
  const reduced = step('initiated', 'in', ['intent']);
  // The effect keeps no journal: its result names the intent as its cause.
  const confirmed = step('result', 'intent', []);
  const all = [confirmed, reduced, began];

  it('lead to what published a message', () => {
    expect(causeOf(reduced, all)).toEqual({ kind: 'step', step: began });
    expect(causeOf(confirmed, all)).toEqual({ kind: 'step', step: reduced });
  });

  it('lead outside, or to what is not shown', () => {
    expect(causeOf(began, all)).toEqual({ kind: 'outside' });
    expect(causeOf(confirmed, [confirmed])).toEqual({ kind: 'earlier' });
  });

  it('end at deadlines and audits, too', () => {
    expect(['NODE_INTROSPECTION', 'DEADLINE_PASSED', 'REGISTRY_DRIFT_DETECTED'].map(originOf)).toEqual([
      'came from outside: it began this workflow',
      'a deadline, which passed',
      'the audit of a backend',
    ]);
  });

  it('lead to what came of an output', () => {
    expect(takerOf('initiated', all)).toBe(reduced);
    expect(takerOf('intent', all)).toBeNull();
  });
});

it.each([
  [
    { intent: { payload: { intent_type: 'consul.register', revision: 3, health: 'passing', only_health: true } } },
    'consul.register, revision 3, passing, the check only',
  ],
  [
    { intent: { payload: { intent_type: 'postgres.upsert_registration', revision: 3, state: 'active' } } },
    'postgres.upsert_registration, revision 3, active',
  ],
  [{ kind: 'register', revision: 2 }, 'register, revision 2'],
  [{ reason: 'ack_timeout' }, 'ack_timeout'],
  [{}, ''],
])('an output %j is told as "%s"', (payload, words) => {
  expect(outputWords({ eventId: 'e', eventType: 'X', payload })).toBe(words);
});

describe('problems', () => {
  const document = {
    type: '/problems/validation',
    title: 't',
    status: 400,
    detail: 'd',
    errors: [{ in: 'body', field: 'a', message: 'm' }],
  };

  it('are those of the API, or say what little is known', () => {
    expect(problemFrom(400, document)).toBe(document);
    expect(problemFrom(502, '<html>')).toMatchObject({ status: 502, title: 'The registry answered 502' });
    expect(asProblem(new ApiProblem(NO_ANSWER))).toBe(NO_ANSWER);
    expect(asProblem(new TypeError('x is not a function'))).toMatchObject({ detail: 'x is not a function' });
    expect(new ApiProblem(NO_ANSWER).isPassing).toBe(true);
    expect(new ApiProblem(document).isPassing).toBe(false);
  });

  it('name fields', () => {
    expect([...fieldErrors(new ApiProblem(document))]).toEqual([['a', 'm']]);
    expect([...fieldErrors(new Error('x'))]).toEqual([]);
  });
});

it.each([
  [{ name: 'ada', role: 'admin' }, 'admin', true],
  [{ name: 'bob', role: 'operator' }, 'operator', true],
  [{ name: 'eve', role: 'reader' }, 'reader', false],
  // A role that is not known here may look.
  [{ name: 'mallory', role: 'root' }, 'reader', false],
  [{}, 'reader', false],
])('%j is a %s', (answer, role, may) => {
  const person = personOf(answer);
  expect([person.role, mayOperate(person)]).toEqual([role, may]);
});
