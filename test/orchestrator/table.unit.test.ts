import { describe, expect, it } from '@jest/globals';
import type { Input } from '../../src/messages/index.js';
import type { Step, WorkflowState } from '../../src/orchestrator/state.js';
import type { Contract } from '../../src/runtime/contracts/contract.js';
import { completed } from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import type { AnyStep } from '../support/given.js';
import { machineOf, pairsOf, problemsOf } from '../support/table.js';
import { orchestrate, orchestrator, WORKFLOWS } from '../support/workflow.js';
import { samplesOf } from './samples.js';

const contract = contractOf('orchestrator');

/** Versions count the steps that are journalled and not ignored, and times are the message's. */
function versionProblem(before: WorkflowState | null, message: Input, step: AnyStep): string | null {
  if (step.ignored !== null) return null;
  const after = step.state as WorkflowState;
  if (machineOf(contract).rules[step.rule]?.journalled === false) {
    return after === before ? null : `${step.rule}: is not journalled, but touches the state`;
  }
  const expected = (before?.workflowVersion ?? 0) + 1;
  if (after.workflowVersion !== expected) return `${step.rule}: has version ${after.workflowVersion}, not ${expected}`;
  const time = new Date(message.appendedAt).toISOString();
  return after.updatedAt === time ? null : `${step.rule}: was updated at ${after.updatedAt}, not ${time}`;
}

function check(changed: Contract, status: string, message: Parameters<typeof samplesOf>[1], decider = orchestrator) {
  return problemsOf<WorkflowState>(
    { contract: changed, samplesOf: (...pair) => samplesOf(...pair, decider), alsoHolds: versionProblem },
    status,
    message,
  );
}

describe('the orchestrator takes every pair of its contract as the contract says', () => {
  it('has a state of every status that is rested in', () => {
    const statuses = new Set(Object.values(WORKFLOWS).map(({ status }) => status as string));
    expect([...statuses, 'none'].sort()).toEqual([...machineOf(contract).states].sort());
  });

  it.each(pairsOf(contract))('%s, %s', (status, message) => {
    expect(check(contract, status, message)).toEqual([]);
  });
});

it('the removal of a node, answered by its version but as another kind, takes a rule that the table names', () => {
  const { rule } = orchestrate(WORKFLOWS.deregistering, completed(50, { attempt: 1, version: 4, kind: 'register' }));
  expect(machineOf(contract).table['deregistering']?.['REGISTRATION_COMPLETED']).toContain(rule);
});

describe('the check of the table is able to fail', () => {
  const withEntry = (status: string, message: string, rules: readonly string[]): Contract => {
    const machine = machineOf(contract);
    const row = { ...machine.table[status], [message]: rules };
    return { ...contract, state_machine: { ...machine, table: { ...machine.table, [status]: row } } };
  };
  const spoilt = (spoil: (step: Step, before: WorkflowState | null) => Step): typeof orchestrator => {
    return (admission) => {
      const decide = orchestrator(admission);
      return (state, message, context) => spoil(decide(state, message, context), state);
    };
  };
  const acknowledged = (decider: typeof orchestrator) =>
    check(contract, 'awaiting_ack', 'NODE_REGISTRATION_ACKED', decider).join('\n');

  it('finds an entry that is never taken', () => {
    const changed = withEntry('active', 'NODE_REGISTRATION_ACKED', ['ignore_duplicate', 'acknowledge']);
    expect(check(changed, 'active', 'NODE_REGISTRATION_ACKED')).toEqual(['no sample takes acknowledge']);
  });

  it('finds a rule that is not named', () => {
    const changed = withEntry('active', 'NODE_HEARTBEAT', ['extend_liveness']);
    expect(check(changed, 'active', 'NODE_HEARTBEAT').join()).toContain(
      'takes ignore_duplicate, which the table does not name here',
    );
  });

  it('finds a state that is written to', () => {
    const writes = spoilt((step, before) => Object.assign(before as object, { degraded: true }) && step);
    expect(() => acknowledged(writes)).toThrow(TypeError);
  });

  it.each<[string, (step: Step, before: WorkflowState | null) => Step]>([
    ['puts out NODE_REGISTRATION_ACK_RECEIVED', (step) => ({ ...step, outputs: step.outputs.slice(0, 1) })],
    ['goes accepted,active', (step) => ({ ...step, path: step.path.map((s) => (s === 'active' ? s : 'accepted')) })],
    ['ends in ack_received', (step) => ({ ...step, path: step.path.slice(0, 1) })],
    ['has version 2, not 3', (step, before) => ({ ...step, state: { ...before!, status: 'active' } })],
    ['is ignored, but touches the state', (step, before) => ({ ...step, state: { ...before! } })],
    ['differs when it is taken again', (step) => ({ ...step, correlationId: String(Math.random()) })],
    ['has something in it that is not JSON', (step) => ({ ...step, used: { fleetSize: Number.NaN } })],
    [
      'BECAME_ACTIVE cannot be read',
      (step) =>
        ({
          ...step,
          outputs: step.outputs.map((output) => ({ ...output, payload: { ...output.payload, attemptId: '1' } })),
        }) as Step,
    ],
  ])('finds what %s', (problem, spoil) => {
    expect(acknowledged(spoilt(spoil))).toContain(problem);
  });
});
