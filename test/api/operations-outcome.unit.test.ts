import { describe, expect, it } from '@jest/globals';
import { outcomeOf } from '../../src/api/commands/outcome.js';
import type { Input } from '../../src/messages/index.js';
import * as build from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { journalOf, stepsFrom } from './operations-journal.js';

const { registerNode, introspection, completed, failed, partial, acked, deregisterNode, id, CONSUL_REFUSES } = build;

/** What became of the command number `command`, by the journal that these messages leave. */
function outcome(command: number, ...messages: readonly Input[]) {
  const { steps, ...verdict } = outcomeOf(stepsFrom(id(command), journalOf(messages)));
  return { ...verdict, rules: steps.map(({ rule }) => rule) };
}

const pending = (...rules: readonly string[]) => ({ status: 'pending', rules });
const succeeded = (...rules: readonly string[]) => ({ status: 'succeeded', rules });
const failedFor = (reason: string, ...rules: readonly string[]) => ({ status: 'failed', reason, rules });

const FIRST = { attempt: 1, version: 1 };
const OTHER = { metadata: { team: 'video' } };
const THIRD = { metadata: { team: 'sound' } };
/** Registered by command 1 and active with message 2, at version 2. */
const ACTIVE = [registerNode(1), completed(2, FIRST)];

describe('a registration', () => {
  it('is pending until it is decided, and until the node is active', () => {
    expect(outcome(1)).toEqual(pending());
    expect(outcome(1, registerNode(1))).toEqual(pending('begin_attempt'));
    expect(outcome(1, registerNode(1), partial(2, FIRST))).toEqual(pending('begin_attempt', 'await_other_backend'));
    expect(outcome(1, registerNode(1, { acknowledgement: 'required' }), completed(2, FIRST))).toEqual(
      pending('begin_attempt', 'accept'),
    );
  });

  it('succeeds when the node is active', () => {
    expect(outcome(1, ...ACTIVE)).toEqual(succeeded('begin_attempt', 'accept_waived'));
    expect(outcome(1, registerNode(1, { acknowledgement: 'required' }), completed(2, FIRST), acked(3, 1))).toEqual(
      succeeded('begin_attempt', 'accept', 'acknowledge'),
    );
    expect(outcome(1, registerNode(1), failed(2, { ...FIRST, confirmed: ['postgres'] }))).toEqual(
      succeeded('begin_attempt', 'accept_degraded_waived'),
    );
  });

  it('tells which backends hold the node when it becomes active', () => {
    const steps = (...messages: readonly Input[]) => outcomeOf(stepsFrom(id(1), journalOf(messages))).steps.at(-1);
    expect(steps(...ACTIVE)).toMatchObject({ consulRegistered: true, postgresRegistered: true });
    expect(steps(registerNode(1), failed(2, { ...FIRST, confirmed: ['postgres'] }))).toMatchObject({
      consulRegistered: false,
      postgresRegistered: true,
    });
  });

  it('tells the same of a node for which nothing had to be done, or whose record changed', () => {
    const last = (command: number, ...messages: readonly Input[]) =>
      outcomeOf(stepsFrom(id(command), journalOf(messages))).steps.at(-1);
    const degraded = [registerNode(1), failed(2, { ...FIRST, confirmed: ['postgres'] })];
    expect(last(3, ...ACTIVE, registerNode(3))).toMatchObject({ consulRegistered: true, postgresRegistered: true });
    expect(last(3, ...degraded, registerNode(3))).toMatchObject({ consulRegistered: false, postgresRegistered: true });
    const updated = completed(4, { attempt: 1, version: 3, kind: 'update', revision: 2 });
    expect(last(3, ...degraded, registerNode(3, OTHER), updated)).toMatchObject({ consulRegistered: true });
  });

  it('stays what it was when something happens afterwards', () => {
    const after = [deregisterNode(3), registerNode(4)];
    expect(outcome(1, ...ACTIVE, ...after)).toEqual(succeeded('begin_attempt', 'accept_waived'));
    expect(outcome(1, registerNode(1, { nodeType: 'reducer' }), registerNode(2), completed(3, FIRST))).toMatchObject({
      status: 'failed',
      rules: ['reject'],
    });
  });

  it('leaves out what has nothing to do with it', () => {
    const beside = [
      registerNode(2),
      introspection(3, { nodeType: 'toaster' }),
      introspection(4, { incarnation: 1 }),
      acked(5),
    ];
    expect(outcome(1, registerNode(1), ...beside)).toEqual(pending('begin_attempt'));
    expect(outcome(1, registerNode(1), ...beside, completed(6, FIRST))).toEqual(
      succeeded('begin_attempt', 'accept_waived'),
    );
  });

  it.each([
    ['changed record', registerNode(2, OTHER), 'replace_attempt'],
    ['newer incarnation', introspection(2, { incarnation: 101 }), 'restart_attempt'],
  ])('is superseded by another attempt (%s), even when that one succeeds', (_what, message, rule) => {
    const all = [registerNode(1), message, completed(3, { attempt: 2, version: 2 })];
    expect(outcome(1, ...all)).toEqual(failedFor('superseded', 'begin_attempt', rule));
    expect(outcome(2, ...all)).toMatchObject(
      rule === 'replace_attempt' ? { status: 'succeeded' } : { status: 'pending' },
    );
  });

  it('fails with the word of who ended it', () => {
    expect(outcome(1, registerNode(1), failed(2, { ...FIRST, errors: [CONSUL_REFUSES] }))).toEqual(
      failedFor('CONSUL_VALIDATION_ERROR: invalid service name', 'begin_attempt', 'fail_registration'),
    );
    expect(outcome(1, registerNode(1), deregisterNode(2, 'broken'))).toEqual(
      failedFor('deregistered: broken', 'begin_attempt', 'begin_deregistration'),
    );
    expect(outcome(1, registerNode(1), introspection(2, { reason: 'shutdown' }))).toEqual(
      failedFor('deregistered: shutdown', 'begin_attempt', 'begin_deregistration'),
    );
    const required = [registerNode(1, { acknowledgement: 'required' }), completed(2, FIRST)];
    // The storage of the test arms deadlines at T0.
    expect(outcome(1, ...required, build.deadlinePassed(3, 'ack', build.at(31)))).toEqual(
      failedFor('ack_timeout', 'begin_attempt', 'accept', 'time_out_ack'),
    );
  });

  it('fails at once when it is turned down or of no use', () => {
    expect(outcome(1, registerNode(1, { nodeType: 'reducer' }))).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('node_type "reducer" is not allowed'),
      rules: ['reject'],
    });
    expect(outcome(3, ...ACTIVE, registerNode(3, { nodeType: 'reducer' }))).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('node_type "reducer" is not allowed'),
      rules: ['refuse'],
    });
    expect(outcome(3, ...ACTIVE, registerNode(3, { incarnation: 99 }))).toEqual(failedFor('stale', 'ignore_stale'));
  });

  it('succeeds at once when it says nothing new', () => {
    expect(outcome(3, ...ACTIVE, registerNode(3))).toEqual(succeeded('ignore_duplicate'));
    expect(outcome(2, registerNode(1), registerNode(2))).toEqual(succeeded('ignore_duplicate'));
  });
});

describe('a changed record of an active node', () => {
  const update = { attempt: 1, kind: 'update' } as const;
  const CHANGED = [...ACTIVE, registerNode(3, OTHER)];

  it('is pending until its own progress', () => {
    expect(outcome(3, ...CHANGED)).toEqual(pending('begin_update'));
    // That of an earlier change says nothing of this one.
    const both = [...CHANGED, registerNode(4, THIRD), completed(5, { ...update, version: 3, revision: 2 })];
    expect(outcome(3, ...both)).toEqual(succeeded('begin_update', 'begin_update', 'finish_update'));
    expect(outcome(4, ...both)).toEqual(pending('begin_update', 'finish_update'));
  });

  it('succeeds when both backends hold it, or what came after it', () => {
    expect(outcome(3, ...CHANGED, completed(4, { ...update, version: 3, revision: 2 }))).toEqual(
      succeeded('begin_update', 'finish_update'),
    );
    const later = [...CHANGED, registerNode(4, THIRD), completed(5, { ...update, version: 4, revision: 3 })];
    expect(outcome(3, ...later)).toEqual(succeeded('begin_update', 'begin_update', 'finish_update'));
    expect(outcome(4, ...later)).toEqual(succeeded('begin_update', 'finish_update'));
  });

  it('fails when a backend refuses it', () => {
    expect(outcome(3, ...CHANGED, failed(4, { ...update, version: 3, errors: [CONSUL_REFUSES] }))).toEqual(
      failedFor('CONSUL_VALIDATION_ERROR: invalid service name', 'begin_update', 'fail_update'),
    );
  });

  it('fails when the node leaves, or starts anew, before', () => {
    expect(outcome(3, ...CHANGED, deregisterNode(4))).toEqual(
      failedFor('deregistered: requested', 'begin_update', 'begin_deregistration'),
    );
    expect(outcome(3, ...CHANGED, introspection(4, { incarnation: 101 }))).toEqual(
      failedFor('superseded', 'begin_update', 'restart_attempt'),
    );
  });

  it('fails when the node falls silent before', () => {
    const alive = [registerNode(1, { liveness: 'heartbeat' }), completed(2, FIRST), registerNode(3, OTHER)];
    expect(outcome(3, ...alive, build.deadlinePassed(4, 'liveness', build.at(47)))).toEqual(
      failedFor('liveness_expired', 'begin_update', 'expire_liveness'),
    );
  });
});

describe('a deregistration', () => {
  const LEAVING = [...ACTIVE, deregisterNode(3)];
  const gone = completed(4, { attempt: 1, version: 3, kind: 'deregister', revision: 2 });

  it('succeeds when both backends have forgotten the node', () => {
    expect(outcome(3, ...LEAVING)).toEqual(pending('begin_deregistration'));
    expect(outcome(3, ...LEAVING, gone)).toEqual(succeeded('begin_deregistration', 'finish_deregistration'));
  });

  it('is superseded by a new attempt, and by one that is rejected', () => {
    expect(outcome(3, ...LEAVING, registerNode(4), gone)).toEqual(
      failedFor('superseded', 'begin_deregistration', 'begin_attempt'),
    );
    expect(outcome(3, ...LEAVING, registerNode(4, { nodeType: 'reducer' }))).toEqual(
      failedFor('superseded', 'begin_deregistration', 'reject'),
    );
  });

  it('succeeds at once when the node is on its way out or gone', () => {
    expect(outcome(5, ...LEAVING, deregisterNode(5))).toEqual(succeeded('ignore_duplicate'));
    expect(outcome(5, ...LEAVING, gone, deregisterNode(5))).toEqual(succeeded('ignore_duplicate'));
  });

  it('of a rejected node is carried out as any other', () => {
    const rejected = [registerNode(1, { nodeType: 'reducer' }), deregisterNode(2)];
    expect(outcome(2, ...rejected)).toEqual(pending('begin_deregistration'));
  });
});

it('knows every rule that the contract gives to commands', () => {
  const table = contractOf('orchestrator').state_machine?.table ?? {};
  const rules = Object.values(table).flatMap((row) => [
    ...(row['REGISTER_NODE'] ?? []),
    ...(row['DEREGISTER_NODE'] ?? []),
  ]);
  expect(rules.length).toBeGreaterThan(20);
  const sample = stepsFrom(id(1), journalOf([registerNode(1)]))[0]!;
  const ends = { ...sample, workflowVersion: 9, answeredVersion: 9, rule: 'finish_update' };
  for (const rule of new Set(rules)) {
    const verdicts = ['active', 'deregistered'].map(
      (toStatus) =>
        outcomeOf([
          { ...sample, rule, workflowVersion: 3 },
          { ...ends, toStatus },
        ]).status,
    );
    expect([rule, verdicts.some((status) => status !== 'pending')]).toEqual([rule, true]);
  }
  // The test would see one that is missing.
  expect(
    outcomeOf([
      { ...sample, rule: 'begin_something' },
      { ...ends, toStatus: 'active' },
    ]).status,
  ).toBe('pending');
});
