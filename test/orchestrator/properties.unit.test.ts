import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { REGISTRY_SIGNER } from '../../src/messages/index.js';
import type { Authorship, Context, Step, WorkflowState } from '../../src/orchestrator/state.js';
import * as build from '../support/builders.js';
import { deepFreeze } from '../support/given.js';
import { CONTEXT, orchestrate, type OrchestratorInput } from '../support/workflow.js';

/** What happens to a node, with everything left open that depends on how far it has come. */
type Event =
  | {
      readonly type: 'introspection';
      readonly reason: 'startup' | 'request' | 'shutdown';
      readonly incarnation: number | undefined;
      readonly team: number;
      readonly nodeType: string;
    }
  | { readonly type: 'register'; readonly waived: boolean; readonly team: number }
  | { readonly type: 'deregister' | 'heartbeat' }
  | { readonly type: 'ack'; readonly attempt: 'this' | 'none' | 'other' }
  | { readonly type: 'progress'; readonly of: 'request' | 'update' | 'before'; readonly outcome: number }
  | { readonly type: 'deadline'; readonly armed: boolean };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    type: fc.constant('introspection' as const),
    reason: fc.constantFrom('startup' as const, 'request' as const, 'shutdown' as const),
    incarnation: fc.constantFrom(undefined, 100, 100, 101, 102),
    team: fc.nat(1),
    nodeType: fc.constantFrom('effect', 'effect', 'effect', 'toaster'),
  }),
  fc.record({ type: fc.constant('register' as const), waived: fc.boolean(), team: fc.nat(1) }),
  fc.record({ type: fc.constantFrom('deregister' as const, 'heartbeat' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('ack' as const),
      attempt: fc.constantFrom('this' as const, 'none' as const, 'other' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('progress' as const),
      of: fc.constantFrom('request' as const, 'request' as const, 'update' as const, 'before' as const),
      outcome: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('deadline' as const), armed: fc.boolean() }) },
);

function messageOf(
  happens: Event,
  n: number,
  state: WorkflowState | null,
  deadline: Context['deadline'],
): OrchestratorInput {
  const attempt = state === null ? 1 : Number(state.attemptId.slice(-12));
  switch (happens.type) {
    case 'introspection': {
      const { reason, incarnation, nodeType, team } = happens;
      return build.introspection(n, { reason, incarnation, nodeType, metadata: { team } });
    }
    case 'register': {
      const acknowledgement = happens.waived ? 'waived' : 'required';
      return build.registerNode(n, { acknowledgement, metadata: { team: happens.team }, incarnation: undefined });
    }
    case 'deregister':
      return build.deregisterNode(n);
    case 'heartbeat':
      return build.heartbeat(n);
    case 'ack':
      return happens.attempt === 'none' ? build.acked(n) : build.acked(n, happens.attempt === 'this' ? attempt : 9999);
    case 'deadline':
      return happens.armed && deadline !== null
        ? build.deadlinePassed(n, deadline.kind, deadline.at)
        : build.deadlinePassed(n, 'ack', build.at(1));
    case 'progress': {
      const asked = state?.requestVersion ?? 1;
      const update = state?.updates.at(-1);
      const version = happens.of === 'before' ? Math.max(1, asked - 1) : asked;
      const kind = state?.status === 'deregistering' ? 'deregister' : 'register';
      const asking =
        happens.of === 'update' && update !== undefined
          ? ({ attempt, version: update.workflowVersion, kind: 'update' } as const)
          : ({ attempt, version, kind } as const);
      if (happens.outcome === 0) return build.partial(n, asking);
      if (happens.outcome === 1) return build.failed(n, { ...asking, confirmed: ['consul'] });
      return happens.outcome === 2 ? build.completed(n, asking) : build.failed(n, asking);
    }
  }
}

type Played = { readonly before: WorkflowState | null; readonly message: OrchestratorInput; readonly step: Step };

/** Plays a life, with the deadline columns kept as the runtime keeps them. */
function play(life: readonly Event[]): readonly Played[] {
  let state: WorkflowState | null = null;
  let deadline: Context['deadline'] = null;
  return life.map((happens, index) => {
    const message = deepFreeze(messageOf(happens, index + 1, state, deadline));
    const before: WorkflowState | null = deepFreeze(state);
    const step: Step = orchestrate(before, message, { ...CONTEXT, deadline });
    state = step.state;
    if (step.deadline === null) deadline = null;
    else if (step.deadline !== 'keep') {
      const { kind, afterMs } = step.deadline;
      deadline = { kind, at: new Date(message.appendedAt + afterMs).toISOString() };
    }
    return { before, message, step };
  });
}

const lives = fc.array(event, { minLength: 5, maxLength: 60 });

function holdsInEveryLife(check: (played: readonly Played[]) => void): void {
  fc.assert(
    fc.property(lives, (life) => check(play(life))),
    { numRuns: 400, seed: 20261121 },
  );
}

/** How often each type was put out for each attempt. */
function outputsByAttempt(played: readonly Played[]): Map<string, Map<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const { step } of played) {
    for (const { eventType, payload } of step.outputs) {
      const attempt = 'attemptId' in payload ? (payload.attemptId ?? '') : '';
      const types = counts.get(attempt) ?? new Map<string, number>();
      counts.set(attempt, types.set(eventType, (types.get(eventType) ?? 0) + 1));
    }
  }
  return counts;
}

describe('whatever happens to a node', () => {
  it('is lived: random lives reach every rule but the rarest', () => {
    const rules = new Set<string>();
    holdsInEveryLife((played) => played.forEach(({ step }) => rules.add(step.rule)));
    expect([...rules].sort()).toEqual(
      expect.arrayContaining([
        'accept',
        'accept_degraded',
        'accept_waived',
        'acknowledge',
        'begin_attempt',
        'begin_update',
        'converge',
        'expire_liveness',
        'extend_liveness',
        'fail_registration',
        'fail_update',
        'finish_deregistration',
        'finish_update',
        'refuse',
        'reject',
        'replace_attempt',
        'restart_attempt',
        'time_out_ack',
      ]),
    );
  });

  it('an attempt is accepted at most once, becomes active at most once, and is never both active and timed out', () => {
    holdsInEveryLife((played) => {
      for (const [attempt, types] of outputsByAttempt(played)) {
        const often = (type: string) => types.get(type) ?? 0;
        if (attempt === '') continue;
        expect(often('NODE_REGISTRATION_ACCEPTED')).toBeLessThanOrEqual(1);
        expect(often('NODE_REGISTRATION_ACK_RECEIVED')).toBeLessThanOrEqual(often('NODE_BECAME_ACTIVE'));
        expect(often('NODE_BECAME_ACTIVE') + often('NODE_REGISTRATION_ACK_TIMED_OUT')).toBeLessThanOrEqual(
          often('NODE_REGISTRATION_ACCEPTED'),
        );
        expect(often('NODE_REGISTRATION_CONVERGED')).toBeLessThanOrEqual(1);
        expect(often('NODE_DEREGISTERED')).toBeLessThanOrEqual(1);
      }
    });
  });

  it('once awaiting_ack has ended, the attempt was acknowledged, or it timed out, or something else took its place', () => {
    holdsInEveryLife((played) => {
      for (const { before, step } of played) {
        if (before?.status !== 'awaiting_ack' || step.path.length === 0) continue;
        expect(['active', 'ack_timed_out', 'pending_registration', 'deregistering']).toContain(step.path.at(-1));
      }
    });
  });

  it('the workflow version grows by one with every step that counts, and every request carries its own', () => {
    holdsInEveryLife((played) => {
      let version = 0;
      for (const { step } of played) {
        if (step.ignored === null && step.rule !== 'extend_liveness') version++;
        expect(step.state?.workflowVersion ?? 0).toBe(version);
        for (const { payload } of step.outputs)
          if ('workflowVersion' in payload) expect(payload.workflowVersion).toBe(version);
      }
    });
  });

  it('an answer to a broadcast does not bring back what was deregistered, unless the process is a new one', () => {
    holdsInEveryLife((played) => {
      for (const { before, message, step } of played) {
        if (before?.status !== 'deregistered' && before?.status !== 'deregistering') continue;
        if (message.eventType !== 'NODE_INTROSPECTION' || message.payload.reason !== 'request') continue;
        const isNewer = (message.payload.incarnation ?? 0) > (before.record.incarnation ?? Infinity);
        if (!isNewer) expect(step.state).toBe(before);
      }
    });
  });

  it('all outputs of an attempt carry the correlation id of the message that began it', () => {
    holdsInEveryLife((played) => {
      const roots = new Map(played.map(({ message }) => [message.eventId, message.correlationId]));
      for (const { step } of played) {
        for (const { payload } of step.outputs) {
          if ('attemptId' in payload) expect(step.correlationId).toBe(roots.get(payload.attemptId ?? ''));
        }
      }
    });
  });

  it('is the same when every state on the way was stored and read again', () => {
    holdsInEveryLife((played) => {
      for (const { before, message, step } of played) {
        if (step.rule.endsWith('_late') || message.eventType === 'DEADLINE_PASSED') continue;
        const stored = JSON.parse(JSON.stringify(before)) as WorkflowState | null;
        expect(JSON.stringify(orchestrate(stored, message))).toBe(JSON.stringify(step));
      }
    });
  });

  it('only active nodes owe heartbeats, only accepted ones an acknowledgement, only pending ones a second backend', () => {
    const owing = { ack: 'awaiting_ack', liveness: 'active', degraded: 'pending_registration' };
    fc.assert(
      fc.property(lives, (life) => {
        let deadline: Exclude<Step['deadline'], 'keep'> = null;
        for (const { step } of play(life)) {
          if (step.deadline !== 'keep') deadline = step.deadline;
          if (deadline !== null) expect(step.state?.status).toBe(owing[deadline.kind]);
        }
      }),
      { numRuns: 400, seed: 20261121 },
    );
  });

  /** The model knows three things only: is the node in, has it been heard, and what would a fool expect next. */
  it('agrees with a deliberately dumb model of who is in', () => {
    holdsInEveryLife((played) => {
      let isIn = false;
      for (const { message, step } of played) {
        const types: readonly string[] = step.outputs.map((output) => output.eventType);
        if (types.includes('NODE_BECAME_ACTIVE')) isIn = true;
        const leaves = types.includes('NODE_DEREGISTRATION_INITIATED');
        const again = types.includes('NODE_REGISTRATION_INITIATED') && step.path.length > 0;
        if (leaves || again) isIn = false;
        expect([message.eventType, step.state?.status === 'active']).toEqual([message.eventType, isIn]);
      }
    });
  });
});

describe('a node whose key is known, while somebody else speaks in its name', () => {
  const signed = (signedBy: string | null): Authorship => ({ mode: 'required', signedBy });

  /** Lives in which every message comes twice: as its sender signed it, and before that by others. */
  const attacked = fc.array(
    fc.record({ happens: event, by: fc.constantFrom(null, build.OTHER_KEY, 'first' as const) }),
    {
      minLength: 5,
      maxLength: 60,
    },
  );

  it('lives as if nobody had: state, outputs and deadlines are the same to the byte', () => {
    fc.assert(
      fc.property(attacked, (life) => {
        let state: WorkflowState | null = orchestrate(null, build.introspection(1), {
          ...CONTEXT,
          authorship: signed(build.KEY),
        }).state;
        let deadline: Context['deadline'] = null;
        life.forEach(({ happens, by }, index) => {
          const n = index + 2;
          const message = deepFreeze(messageOf(happens, n, state, deadline));
          const before: WorkflowState | null = deepFreeze(state);
          expect(before?.publicKey).toBe(build.KEY);
          const isProgress = happens.type === 'progress';
          if (by !== 'first' && !isProgress) {
            const forged = orchestrate(before, message, { ...CONTEXT, deadline, authorship: signed(by) });
            expect(forged.state).toBe(before);
            expect([forged.outputs, forged.path, forged.deadline]).toEqual([[], [], 'keep']);
          }
          const isOwn = ['introspection', 'ack', 'heartbeat'].includes(happens.type);
          const authorship = isProgress ? signed(null) : signed(isOwn ? build.KEY : REGISTRY_SIGNER);
          const step: Step = orchestrate(before, message, { ...CONTEXT, deadline, authorship });
          state = step.state;
          if (step.deadline === null) deadline = null;
          else if (step.deadline !== 'keep') {
            const { kind, afterMs } = step.deadline;
            deadline = { kind, at: new Date(message.appendedAt + afterMs).toISOString() };
          }
        });
      }),
      { numRuns: 400, seed: 20261122 },
    );
  });
});
