import fc from 'fast-check';
import type { Context, Step as WorkflowStep, WorkflowState } from '../../src/orchestrator/state.js';
import { reduce } from '../../src/reducer/reduce.js';
import type { ReducerInput, ReducerState, Step as DesireStep } from '../../src/reducer/state.js';
import { REGISTRY_SIGNER } from '../../src/messages/index.js';
import { KEY, NODE, OTHER_KEY } from '../support/builders.js';
import {
  WORKFLOW_DRAFTS,
  workflowContext,
  workflowDraft,
  type WorkflowDraft,
  type WorkflowSituation,
} from '../support/orchestrator-lives.js';
import { DESIRE_DRAFTS, desireDraft, type DesireDraft, type DesireSituation } from '../support/reducer-lives.js';
import { OPEN, orchestrator, type OrchestratorInput } from '../support/workflow.js';
import type { Decide, DecisionInput } from './gate.js';

type AnyStep = { readonly rule: string; readonly state: { readonly status: string } | null };

/**
 * A machine as the gate takes it. `At` is where a node stands, `Draft` a message that is made for where it stands, `Around` what
 * else it decides by.
 */
export type Subject<S, M, C, P extends AnyStep, At, Draft, Around> = {
  readonly name: 'orchestrator' | 'reducer';
  readonly decide: Decide<S, M, C, P>;
  readonly start: At;
  /** Of each message type of the contract. */
  readonly drafts: Readonly<Record<string, fc.Arbitrary<Draft>>>;
  /** In the mixture of a life. */
  readonly draft: fc.Arbitrary<Draft>;
  readonly around: fc.Arbitrary<Around>;
  readonly inputOf: (draft: Draft, n: number, at: At, around: Around) => DecisionInput<S, M, C>;
  readonly next: (at: At, input: DecisionInput<S, M, C>, step: P) => At;
};

const ADMISSIONS = [
  OPEN,
  { ...OPEN, fleetLimit: 3 },
  { ...OPEN, requiredFields: ['incarnation', 'capabilities', 'endpoints'] },
];

type OrchestratorContext = Context & { readonly admission: 0 | 1 | 2 };

/** The admission is configuration; here it comes with the context, so that all of them are tried. */
const orchestrators = ADMISSIONS.map((admission) => orchestrator(admission));

/** Mostly nobody looks who has signed; else it is one or the other, or nobody. */
function authorshipOf(n: number): Pick<Context, 'authorship'> {
  const signedBy = ([null, OTHER_KEY, KEY, KEY, REGISTRY_SIGNER] as const)[(n + 4) % 32];
  return signedBy === undefined ? {} : { authorship: { mode: n % 5 === 0 ? 'warn' : 'required', signedBy } };
}

export const ORCHESTRATOR: Subject<
  WorkflowState,
  OrchestratorInput,
  OrchestratorContext,
  WorkflowStep,
  WorkflowSituation,
  WorkflowDraft,
  Omit<OrchestratorContext, 'deadline'>
> = {
  name: 'orchestrator',
  decide: (state, message, { admission, ...context }) => orchestrators[admission]!(state, message, context),
  start: { nodeId: NODE, state: null, deadline: null },
  drafts: WORKFLOW_DRAFTS,
  draft: workflowDraft,
  around: fc
    .tuple(workflowContext, fc.constantFrom(0 as const, 0 as const, 1 as const, 2 as const))
    .map(([context, admission]) => ({ ...context, admission })),
  inputOf: (draft, n, at, around) => ({
    state: at.state,
    message: draft(n, at),
    context: { ...around, deadline: at.deadline, ...authorshipOf(n) },
  }),
  next: (at, { message }, { state, deadline }) => ({
    ...at,
    state,
    deadline:
      deadline === 'keep'
        ? at.deadline
        : deadline && { kind: deadline.kind, at: new Date(message.appendedAt + deadline.afterMs).toISOString() },
  }),
};

export const REDUCER: Subject<ReducerState, ReducerInput, null, DesireStep, DesireSituation, DesireDraft, null> = {
  name: 'reducer',
  decide: (state, message) => reduce(state, message),
  start: { nodeId: NODE, state: null },
  drafts: DESIRE_DRAFTS,
  draft: desireDraft,
  around: fc.constant(null),
  inputOf: (draft, n, at) => ({ state: at.state, message: draft(n, at), context: null }),
  next: (at, _input, { state }) => ({ ...at, state }),
};
