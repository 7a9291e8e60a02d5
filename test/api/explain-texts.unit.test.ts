import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { explain } from '../../src/api/explain/explain.js';
import type { Facts } from '../../src/api/read/facts.js';
import { NODE_STATES } from '../../src/api/read/node.js';
import { id } from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { deepFreeze } from '../support/given.js';
import { factsOf } from './explain-journal.js';
import { LIVES, THEN } from './explain-lives.js';

/**
 * What an operator reads of every life, word by word. After a change of the words: UPDATE_TEXTS=1 writes the file anew, and the
 * difference is read before it is kept.
 */
const FILE = new URL('./explain-texts.txt', import.meta.url);

const rules = contractOf('orchestrator').state_machine?.rules ?? {};
const told = (facts: Facts): string => explain({ facts: deepFreeze(facts), rules, registryId: 'rollcall' }).text;

const texts = new Map([
  ...Object.entries(LIVES).map(([name, live]) => [name, told(factsOf(live()))] as const),
  ['was active then', told(factsOf(LIVES['has expired'](), THEN))],
]);

if (process.env['UPDATE_TEXTS'] === '1') {
  writeFileSync(FILE, [...texts].map(([name, text]) => `=== a node that ${name}\n${text}\n`).join('\n'));
}

const kept = new Map(
  readFileSync(FILE, 'utf8')
    .split(/^=== a node that /m)
    .slice(1)
    .map((section) => {
      const [name = '', ...lines] = section.trimEnd().split('\n');
      return [name, lines.join('\n')] as const;
    }),
);

describe('the explanation of a node that', () => {
  it.each([...texts])('%s', (name, text) => {
    expect(text).toBe(kept.get(name));
  });

  it('is kept in the file is one of these', () => {
    expect([...kept.keys()]).toEqual([...texts.keys()]);
  });
});

describe('an explanation', () => {
  const facts = factsOf(LIVES['has expired']());

  it('names the step that led into the state', () => {
    const { text: _text, ...rest } = explain({ facts, rules, registryId: 'rollcall' });
    expect(rest).toEqual({
      nodeId: 'node-1',
      state: 'liveness_expired',
      since: '2026-11-21T10:01:00.000Z',
      because: {
        eventType: 'DEADLINE_PASSED',
        eventId: id(60),
        occurredAt: '2026-11-21T10:01:00.000Z',
        rule: 'expire_liveness',
      },
    });
  });

  it.each(NODE_STATES)('has words for the state %s', (status) => {
    expect(told({ ...facts, state: { ...facts.state, status } })).toMatch(/\nNext: [^.]+\./);
  });

  it('does without what retention has taken', () => {
    const lost = { ...facts, links: [], attempt: null, desired: null };
    expect(told(lost)).not.toContain('It goes back to');
    expect(told(lost)).toContain('Backends: nothing was ever asked of them.');
  });

  it('goes back to the beginning of the attempt where the chain of causes is broken', () => {
    const line = /It goes back to .*/.exec(told(facts))?.[0];
    expect(line).toContain(`NODE_INTROSPECTION from the node itself (reason "startup")`);
    const broken = { ...facts, entered: { ...facts.entered, causationId: id(999) } };
    expect(told(broken)).toContain(line);
  });

  it('does not rest on the contract to know a rule', () => {
    const entered = { ...facts.entered, rule: 'constructor' };
    expect(told({ ...facts, entered })).toContain('By the rule constructor (the contract of today has it no more)');
  });

  it('keeps what others wrote on one line, and short', () => {
    const reason = `a\nb"${'x'.repeat(5000)}`;
    const text = told({ ...facts, entered: { ...facts.entered, told: { ...facts.entered.told, reason } } });
    expect(text.split('\n').length).toBe(told(facts).split('\n').length);
    expect(text).toContain(String.raw`Reason: "a\nb\"xx`);
    expect(text.length).toBeLessThan(told(facts).length + 400);
  });

  it('says what holds a deadline up that has passed', () => {
    const active = factsOf(LIVES['is active']());
    const late = (kind: string): string => {
      const deadline = { kind, at: '2026-11-21T10:00:47.000Z', passed: true };
      const status = kind === 'ack' ? 'awaiting_ack' : 'active';
      return told({ ...active, state: { ...active.state, status }, now: { deadline, lastHeartbeatAt: null } });
    };
    expect(late('liveness')).toContain('That has passed: it counts once the registry has listened');
    expect(late('ack')).toContain('That has passed: it counts as soon as the marker of it is read.');
    expect(told(active)).not.toContain('That has passed');
  });

  it('takes no heartbeat of an earlier life for one of this', () => {
    const active = factsOf(LIVES['is active']());
    const heard = (lastHeartbeatAt: string | null): string =>
      told({ ...active, now: { deadline: null, lastHeartbeatAt } });
    expect(heard('2026-11-21T10:00:01.999Z')).toContain('None was heard since it became active.');
    expect(heard('2026-11-21T10:00:02.000Z')).toContain('The last was heard at 2026-11-21T10:00:02.000Z.');
  });
});
