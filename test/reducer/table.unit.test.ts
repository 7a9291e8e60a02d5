import { describe, expect, it } from '@jest/globals';
import type { Input } from '../../src/messages/index.js';
import { reduce } from '../../src/reducer/reduce.js';
import type { ReducerState, Step } from '../../src/reducer/state.js';
import { contractOf } from '../support/contracts.js';
import { DESIRES } from '../support/desire.js';
import type { AnyStep } from '../support/given.js';
import { machineOf, pairsOf, problemsOf } from '../support/table.js';
import { samplesOf } from './samples.js';

const contract = contractOf('reducer');
const REQUESTS = ['NODE_REGISTRATION_INITIATED', 'NODE_DEREGISTRATION_INITIATED', 'NODE_BECAME_ACTIVE'];

/** The version is the highest seen; the revision grows with every desired record; confirmations never go back. */
function countersProblem(before: ReducerState | null, message: Input, step: AnyStep): string | null {
  if (step.ignored !== null) return null;
  const after = step.state as ReducerState;
  const isRequest = REQUESTS.includes(message.eventType);
  const version =
    isRequest && 'workflowVersion' in message.payload
      ? message.payload.workflowVersion
      : (before?.workflowVersion ?? 0);
  if (after.workflowVersion !== version) return `${step.rule}: has version ${after.workflowVersion}, not ${version}`;
  const revision = revisionAfter(before, message, step);
  if ((after.desired?.revision ?? 0) !== revision)
    return `${step.rule}: has revision ${after.desired?.revision}, not ${revision}`;
  for (const backend of ['consul', 'postgres'] as const) {
    const lost = step.rule === 'reassert' && 'backend' in message.payload && message.payload.backend === backend;
    const confirmed = lost ? 0 : (before?.[backend].confirmed ?? 0);
    if (lost ? after[backend].confirmed !== 0 : after[backend].confirmed < confirmed)
      return `${step.rule}: ${backend} goes back`;
  }
  if (step.deadline !== 'keep') return `${step.rule}: sets a deadline`;
  return step.correlationId === message.correlationId ? null : `${step.rule}: changes the correlation id`;
}

/** Raised by one with every new desire; what was lost is asked for again as it was, or above what stands in its place. */
function revisionAfter(before: ReducerState | null, message: Input, step: AnyStep): number {
  const known = before?.desired?.revision ?? 0;
  if (step.rule === 'reassert' && message.eventType === 'REGISTRY_DRIFT_DETECTED') {
    const { foundRevision } = message.payload;
    return foundRevision !== null && foundRevision > known ? foundRevision + 1 : known;
  }
  const desires = step.outputs.some((output) => output.eventType.endsWith('_INTENT'));
  return known + (desires && step.rule !== 'remove_ghost' ? 1 : 0);
}

function check(status: string, message: Parameters<typeof samplesOf>[1], decide = reduce) {
  return problemsOf<ReducerState>(
    { contract, samplesOf: (...pair) => samplesOf(...pair, decide), alsoHolds: countersProblem },
    status,
    message,
  );
}

describe('the reducer takes every pair of its contract as the contract says', () => {
  it('has a state of every status that is rested in', () => {
    const statuses = new Set(Object.values(DESIRES).map(({ status }) => status as string));
    expect([...statuses].sort()).toEqual([...machineOf(contract).states].sort());
  });

  it.each(pairsOf(contract))('%s, %s', (status, message) => {
    expect(check(status, message)).toEqual([]);
  });
});

describe('the check of the table is able to fail', () => {
  const spoilt = (spoil: (step: Step, before: ReducerState | null) => Step): typeof reduce => {
    return (state, message) => spoil(reduce(state, message), state);
  };
  const confirmations = (decide: typeof reduce) => check('pending', 'CONSUL_REGISTERED', decide).join('\n');

  it.each<[string, (step: Step, before: ReducerState | null) => Step]>([
    ['no sample takes note_confirmation', (step) => ({ ...step, rule: 'report_confirmation' })],
    ['is ignored, but touches the state', (step) => ({ ...step, state: { ...step.state! } })],
    ['leaves another status in the state', (step, before) => ({ ...step, state: before })],
    ['has version 7, not', (step) => ({ ...step, state: { ...step.state!, workflowVersion: 7 } })],
    ['consul goes back', (step) => ({ ...step, state: { ...step.state!, consul: { confirmed: -1, failure: null } } })],
    ['puts out', (step) => ({ ...step, outputs: [] })],
  ])('finds what %s', (problem, spoil) => {
    expect(confirmations(spoilt(spoil))).toContain(problem);
  });
});
