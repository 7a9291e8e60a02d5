import { describe, expect, it } from '@jest/globals';
import { REGISTRY_SIGNER, type Input } from '../../src/messages/index.js';
import type { Authorship, WorkflowState } from '../../src/orchestrator/state.js';
import * as build from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { machineOf } from '../support/table.js';
import { CONTEXT, orchestrate, TIMINGS, WORKFLOWS, type OrchestratorInput } from '../support/workflow.js';

const { KEY, OTHER_KEY } = build;
const NOW = 60;

const { table, rules, before_table: beforeTable } = machineOf(contractOf('orchestrator'));

/** What the contract says to be asked first, each message in a form that would have an effect wherever one can. */
const MESSAGES: Readonly<Record<string, readonly OrchestratorInput[]>> = {
  NODE_INTROSPECTION: [
    build.introspection(NOW, { incarnation: 900, metadata: { team: 'thieves' } }),
    build.introspection(NOW, { reason: 'shutdown', incarnation: 900 }),
    build.introspection(NOW, { nodeType: 'toaster' }),
  ],
  REGISTER_NODE: [
    build.registerNode(NOW, { metadata: { team: 'thieves' } }),
    build.registerNode(NOW, { publicKey: OTHER_KEY }),
  ],
  DEREGISTER_NODE: [build.deregisterNode(NOW)],
  NODE_REGISTRATION_ACKED: [build.acked(NOW, 1), build.acked(NOW)],
  NODE_HEARTBEAT: [build.heartbeat(NOW)],
  DEADLINE_PASSED: (['ack', 'liveness', 'degraded'] as const).map((kind) =>
    build.deadlinePassed(NOW, kind, build.at(NOW)),
  ),
};

const required = (signedBy: string | null): Authorship => ({ mode: 'required', signedBy });
const warn = (signedBy: string | null): Authorship => ({ mode: 'warn', signedBy });

function decide(state: WorkflowState | null, message: OrchestratorInput, authorship: Authorship | undefined) {
  const kind = message.eventType === 'DEADLINE_PASSED' ? message.payload.kind : 'liveness';
  return orchestrate(state, message, { ...CONTEXT, deadline: { kind, at: build.at(NOW) }, authorship });
}

/** Every state that the paths of the tests lead to, with a key known. */
const PINNED = Object.entries(WORKFLOWS).map(([name, state]) => [name, { ...state, publicKey: KEY }] as const);

it('the contract names every message that these tests try, and only rules by which a message is passed over', () => {
  expect(Object.keys(beforeTable).sort()).toEqual(Object.keys(MESSAGES).sort());
  expect(
    new Set(
      Object.values(beforeTable)
        .flat()
        .map((rule) => rules[rule]?.ignored),
    ),
  ).toEqual(new Set(['unsigned', 'wrong_key', 'stale']));
});

describe.each(PINNED)('required: a node that is %s, and whose key is known', (_name, state) => {
  const foreign = Object.values(MESSAGES)
    .flat()
    .flatMap((message) => [null, OTHER_KEY].map((signedBy) => [message.eventType, signedBy, message] as const));

  it.each(foreign)('%s signed by %s has no effect and leaves no trace', (_type, signedBy, message) => {
    const step = decide(state, message, required(signedBy));
    expect(step).toMatchObject({
      rule: signedBy === null ? 'ignore_unsigned' : 'ignore_wrong_key',
      outputs: [],
      path: [],
      deadline: 'keep',
    });
    expect(step.state).toBe(state);
    expect(rules[step.rule]?.journalled).toBe(false);
  });

  it('its own messages do what they do where nobody looks, and the key stays', () => {
    for (const message of [
      ...MESSAGES['NODE_INTROSPECTION']!,
      ...MESSAGES['NODE_REGISTRATION_ACKED']!,
      ...MESSAGES['DEREGISTER_NODE']!,
      ...MESSAGES['NODE_HEARTBEAT']!,
    ]) {
      const { used: _, ...step } = decide(state, message, required(KEY));
      const { used: __, ...unasked } = decide(state, message, undefined);
      expect(step).toEqual(unasked);
      expect(step.state?.publicKey).toBe(KEY);
    }
  });

  it('the registry may say everything', () => {
    for (const message of Object.values(MESSAGES).flat()) {
      const { used: _, ...step } = decide(state, message, required(REGISTRY_SIGNER));
      const { used: __, ...unasked } = decide(state, message, undefined);
      expect(step).toEqual(unasked);
    }
  });

  it('cannot give commands, nor say that a time is over, with its own key', () => {
    for (const message of [...MESSAGES['REGISTER_NODE']!, ...MESSAGES['DEADLINE_PASSED']!])
      expect(decide(state, message, required(KEY)).rule).toBe('ignore_wrong_key');
  });

  it('mode warn: what is doubtful has its effect, with the doubt, but never another key', () => {
    for (const message of Object.values(MESSAGES).flat()) {
      const { used: _, doubt, ...step } = decide(state, message, warn(OTHER_KEY));
      expect([doubt, step.state?.publicKey]).toEqual(['wrong_key', KEY]);
      if (message.eventType === 'REGISTER_NODE' && message.payload.publicKey !== undefined) continue;
      const { used: __, ...unasked } = decide(state, message, undefined);
      expect(step).toEqual(unasked);
    }
  });
});

describe('required: a node whose key is not known', () => {
  it.each(Object.entries(WORKFLOWS))('%s: nothing but an introduction has an effect', (_name, state) => {
    for (const message of Object.values(MESSAGES).flat()) {
      const isIntroduction = message.eventType === 'NODE_INTROSPECTION' && message.payload.reason !== 'shutdown';
      if (isIntroduction) continue;
      expect(decide(state, message, required(null)).rule).toBe('ignore_unsigned');
      expect(decide(state, message, required(KEY)).rule).toBe('ignore_wrong_key');
    }
  });

  it('is rejected where its introduction is not signed, and a running registration stays', () => {
    const message = build.introspection(NOW, { incarnation: 900 });
    expect(decide(null, message, required(null))).toMatchObject({
      rule: 'reject',
      outputs: [{ payload: { reasonCode: 'signature_required' } }],
    });
    const { state, ...step } = decide(WORKFLOWS.active, message, required(null));
    expect(step).toMatchObject({ rule: 'refuse', outputs: [{ payload: { reasonCode: 'signature_required' } }] });
    expect(state).toMatchObject({ status: 'active', record: WORKFLOWS.active.record });
  });

  it('is nobody else’s to introduce, once the registry has: its own processes', () => {
    const own = decide(null, build.introspection(NOW), required(REGISTRY_SIGNER)).state;
    expect(decide(own, build.introspection(NOW + 1, { incarnation: 900 }), required(KEY)).rule).toBe(
      'ignore_wrong_key',
    );
    expect(decide(own, build.introspection(NOW + 1, { incarnation: 900 }), required(null)).rule).toBe(
      'ignore_unsigned',
    );
  });

  it('cannot be shut out by an incarnation that nobody signed', () => {
    const shutOut = decide(null, build.introspection(NOW, { incarnation: 2 ** 53 - 1 }), required(null)).state;
    expect(shutOut?.record.incarnation).toBeNull();
    expect(decide(shutOut, build.introspection(NOW + 1, { incarnation: 100 }), required(KEY))).toMatchObject({
      rule: 'begin_attempt',
      state: { publicKey: KEY },
    });
  });

  it('is known by the key of its first introduction that is admitted', () => {
    expect(decide(null, build.introspection(NOW), required(KEY)).state?.publicKey).toBe(KEY);
    expect(decide(null, build.introspection(NOW, { nodeType: 'toaster' }), required(KEY)).state?.publicKey).toBe(
      undefined,
    );
    const { state, rule } = decide(WORKFLOWS.active, build.introspection(NOW), required(KEY));
    expect([rule, state?.publicKey, state?.status]).toEqual(['pin_key', KEY, 'active']);
  });
});

describe('a key that an operator gives', () => {
  const active: WorkflowState = { ...WORKFLOWS.active, publicKey: KEY };

  it('takes the place of the known one, in every mode', () => {
    for (const authorship of [undefined, warn(REGISTRY_SIGNER), required(REGISTRY_SIGNER)])
      for (const state of [active, WORKFLOWS.active, WORKFLOWS.deregistered, WORKFLOWS.pending, null]) {
        const step = decide(state, build.registerNode(NOW, { publicKey: OTHER_KEY }), authorship);
        expect(step.state?.publicKey).toBe(OTHER_KEY);
      }
  });

  it('makes the incarnation of whoever had the old one count no more', () => {
    const stolen = { ...active, record: { ...active.record, incarnation: 2 ** 53 - 1 } };
    const given = decide(
      stolen,
      build.registerNode(NOW, { publicKey: OTHER_KEY, incarnation: undefined }),
      required(REGISTRY_SIGNER),
    ).state;
    expect(given?.record.incarnation).toBeNull();
    expect(decide(given, build.introspection(NOW + 1, { incarnation: 5 }), required(OTHER_KEY)).rule).toBe(
      'begin_update',
    );
  });

  it('changes nothing but the key where nothing else is new', () => {
    const step = decide(WORKFLOWS.active, build.registerNode(NOW, { publicKey: KEY }), undefined);
    expect(step.rule === 'pin_key' || step.rule === 'begin_update').toBe(true);
    expect(decide(active, build.registerNode(NOW, { publicKey: KEY }), undefined).rule).toBe('ignore_duplicate');
  });
});

describe('a heartbeat that was recorded', () => {
  const active: WorkflowState = { ...WORKFLOWS.active, publicKey: KEY };
  const said = (seconds: number): Input<'NODE_HEARTBEAT'> => ({
    ...build.heartbeat(NOW),
    eventTimestamp: build.at(NOW + seconds),
  });
  const windowS = TIMINGS.livenessWindowMs / 1000;

  it.each([
    [-windowS, 'extend_liveness'],
    [-windowS - 0.001, 'ignore_stale'],
    [windowS, 'extend_liveness'],
    [windowS + 0.001, 'ignore_stale'],
  ])('and says that it is of %s s from now takes the rule %s', (seconds, rule) => {
    expect(decide(active, said(seconds), required(KEY)).rule).toBe(rule);
    expect(decide(active, said(seconds), warn(KEY))).toMatchObject({ rule: 'extend_liveness' });
  });
});

it('says in the journal by whom a step was signed, and nothing where nobody looked', () => {
  const authorship = required(KEY);
  expect(decide(null, build.introspection(NOW), authorship).used).toEqual({ authorship });
  expect(decide(null, build.introspection(NOW), undefined).used).toBeNull();
  expect(Object.keys(table)).toContain('none');
});
