import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Output } from '../../src/messages/index.js';
import { reduce } from '../../src/reducer/reduce.js';
import type { Confirmation, Failure, ReducerInput, ReducerState } from '../../src/reducer/state.js';
import * as build from '../support/builders.js';
import { deepFreeze } from '../support/given.js';

/** What reaches the reducer; versions and revisions are near those that it knows, so that most of it means something. */
type Event = {
  readonly type:
    | 'register'
    | 'update'
    | 'activate'
    | 'deregister'
    | 'consul'
    | 'postgres'
    | 'consulFails'
    | 'postgresFails'
    | 'consulDrifts'
    | 'postgresDrifts'
    | 'ghost'
    | 'ghostGone';
  /** Added to the highest version or the desired revision. */
  readonly ahead: number;
  readonly nodeType: string;
  readonly attempt: number;
};

const event: fc.Arbitrary<Event> = fc.record({
  type: fc.constantFrom<Event['type']>(
    ...(['register', 'update', 'activate', 'activate', 'deregister'] as const),
    ...(['consul', 'consul', 'postgres', 'postgres', 'consulFails', 'postgresFails'] as const),
    ...(['consulDrifts', 'postgresDrifts', 'ghost', 'ghostGone'] as const),
  ),
  ahead: fc.constantFrom(1, 1, 1, 0, -1, 2),
  nodeType: fc.constantFrom('effect', 'effect', 'compute', 'toaster'),
  attempt: fc.constantFrom(1, 1, 1, 2),
});

function messageOf({ type, ahead, nodeType, attempt }: Event, n: number, state: ReducerState | null): ReducerInput {
  const version = Math.max(1, (state?.workflowVersion ?? 0) + ahead);
  // Backends answer what they were asked; "ahead" is mostly 1, so it counts from the revision before.
  const revision = Math.max(1, (state?.desired?.revision ?? 1) - 1 + ahead);
  const present = state?.desired?.presence !== 'absent';
  switch (type) {
    case 'register':
      return build.initiated(n, { attempt, version, record: { ...build.RECORD, nodeType } });
    case 'update':
      return build.initiated(n, {
        attempt,
        version,
        kind: 'update',
        record: { ...build.RECORD, nodeType, metadata: { n } },
      });
    case 'activate':
      return build.becameActive(n, attempt, version);
    case 'deregister':
      return build.deregistrationInitiated(n, attempt, version);
    case 'consul':
      return build.confirmed(n, present ? 'CONSUL_REGISTERED' : 'CONSUL_DEREGISTERED', revision);
    case 'postgres':
      return build.confirmed(
        n,
        present ? 'POSTGRES_REGISTRATION_UPSERTED' : 'POSTGRES_REGISTRATION_DEACTIVATED',
        revision,
      );
    case 'consulFails':
      return build.refused(n, 'consul', revision);
    case 'postgresFails':
      return build.refused(n, 'postgres', revision);
    case 'consulDrifts':
    case 'postgresDrifts': {
      const backend = type === 'consulDrifts' ? 'consul' : 'postgres';
      return build.driftDetected(n, { backend, revision, foundRevision: ahead > 1 ? revision + 3 : null });
    }
    case 'ghost':
      return build.ghostFound(n, state === null ? null : revision);
    case 'ghostGone':
      return build.ghostRemoved(n, revision);
  }
}

type Folded = { readonly state: ReducerState | null; readonly outputs: readonly (readonly Output[])[] };

function fold(messages: readonly ReducerInput[], start: ReducerState | null = null, stored = false): Folded {
  let state = start;
  const outputs = messages.map((message) => {
    const step = reduce(deepFreeze(state), deepFreeze(message));
    state = stored ? (JSON.parse(JSON.stringify(step.state)) as ReducerState | null) : step.state;
    return step.outputs;
  });
  return { state, outputs };
}

/** A log in which every message was made to fit the state that the ones before lead to. */
function logOf(events: readonly Event[]): readonly ReducerInput[] {
  let state: ReducerState | null = null;
  return events.map((happens, index) => {
    const message = messageOf(happens, index + 1, state);
    state = reduce(state, message).state;
    return message;
  });
}

const logs = fc.array(event, { minLength: 1, maxLength: 40 }).map(logOf);

function holdsForEveryLog(check: (log: readonly ReducerInput[]) => void): void {
  fc.assert(fc.property(logs, check), { numRuns: 600, seed: 20261121 });
}

const REQUESTS: readonly string[] = [
  'NODE_REGISTRATION_INITIATED',
  'NODE_BECAME_ACTIVE',
  'NODE_DEREGISTRATION_INITIATED',
];

function isAnswer(message: ReducerInput): message is Confirmation | Failure {
  return !REQUESTS.includes(message.eventType) && 'operation' in message.payload;
}

function isConfirmation({ eventType }: Confirmation | Failure): boolean {
  return eventType !== 'REGISTRY_EFFECT_FAILED' && (eventType as string) !== 'CONSUL_SERVICE_REMOVED';
}

function isGhost({ eventType, payload }: ReducerInput): boolean {
  return eventType === 'REGISTRY_DRIFT_DETECTED' && payload.entry !== null;
}

describe('whatever reaches the reducer', () => {
  it('is met: random logs reach every rule', () => {
    const rules = new Set<string>();
    holdsForEveryLog((log) => {
      let state: ReducerState | null = null;
      for (const message of log) {
        const step = reduce(state, message);
        rules.add(step.rule);
        state = step.state;
      }
    });
    expect([...rules].sort()).toEqual([
      'desire_absence',
      'desire_passing',
      'desire_record',
      'ignore_duplicate',
      'ignore_stale',
      'ignore_unknown_node',
      'note_confirmation',
      'note_failure',
      'note_removal',
      'nothing_to_remove',
      'reassert',
      'refuse_record',
      'remove_ghost',
      'report_confirmation',
      'report_failure',
      'reset_and_desire_record',
    ]);
  });

  it('a fold over stored states gives the same bytes as one in memory', () => {
    holdsForEveryLog((log) => {
      expect(JSON.stringify(fold(log, null, true))).toBe(JSON.stringify(fold(log)));
    });
  });

  it('requests that were taken and come a second time add nothing: no output, and the same state', () => {
    holdsForEveryLog((log) => {
      let state: ReducerState | null = null;
      const taken = log.filter((message) => {
        const step = reduce(state, message);
        state = step.state;
        return step.ignored === null && REQUESTS.includes(message.eventType);
      });
      const again = fold(taken, state);
      expect(again.outputs.flat()).toEqual([]);
      expect(again.state).toBe(state);
    });
  });

  it('a message that is delivered twice in a row gives what it gives once', () => {
    holdsForEveryLog((log) => {
      // But for ghosts: they leave no trace in the state, and are told apart by the journal alone.
      const told = log.filter((message) => !isGhost(message));
      const once = fold(told);
      const twice = fold(told.flatMap((message) => [message, message]));
      expect(JSON.stringify(twice.state)).toBe(JSON.stringify(once.state));
      expect(twice.outputs.flat()).toEqual(once.outputs.flat());
    });
  });

  it('an old confirmation or failure that comes again later changes nothing', () => {
    holdsForEveryLog((log) => {
      const { state } = fold(log);
      for (const message of log) {
        if (!isAnswer(message)) continue;
        const { backend, revision } = message.payload;
        if (state === null || revision > state[backend].confirmed) continue;
        expect(fold([message], state)).toEqual({ state, outputs: [[]] });
      }
    });
  });

  it('revisions and versions never fall, and every intent carries the revision that it is for', () => {
    holdsForEveryLog((log) => {
      let state: ReducerState | null = null;
      for (const message of log) {
        const step = reduce(state, message);
        expect(step.state?.workflowVersion ?? 0).toBeGreaterThanOrEqual(state?.workflowVersion ?? 0);
        expect(step.state?.desired?.revision ?? 0).toBeGreaterThanOrEqual(state?.desired?.revision ?? 0);
        for (const { payload } of step.outputs) {
          if ('intent' in payload) expect(payload.intent.payload.revision).toBe(step.state?.desired?.revision ?? 0);
        }
        state = step.state;
      }
    });
  });

  it('each request is answered at most once by each of PARTIAL, COMPLETED and FAILED, and COMPLETED is the last word', () => {
    holdsForEveryLog((log) => {
      const said = new Map<string, string[]>();
      for (const { eventType, payload } of fold(log).outputs.flat()) {
        if (!('confirmed' in payload)) continue;
        const request = `${payload.kind} ${payload.attemptId} ${payload.workflowVersion}`;
        said.set(request, [...(said.get(request) ?? []), eventType]);
      }
      for (const words of said.values()) {
        expect(new Set(words).size).toBe(words.length);
        if (words.includes('REGISTRATION_COMPLETED')) expect(words.at(-1)).toBe('REGISTRATION_COMPLETED');
        if (words.includes('REGISTRATION_PARTIAL')) expect(words[0]).toBe('REGISTRATION_PARTIAL');
      }
    });
  });

  it('the types under which Consul may hold the node always include that of what it was asked for last', () => {
    holdsForEveryLog((log) => {
      let state: ReducerState | null = null;
      for (const message of log) {
        state = reduce(state, message).state;
        const desired = state?.desired;
        if (state === null || desired === null || desired === undefined) continue;
        const isForgotten = desired.presence === 'absent' && state.consul.confirmed === desired.revision;
        expect(state.consulTypes.includes(desired.record.nodeType)).toBe(!isForgotten);
      }
    });
  });

  it('only_health is said exactly when Consul holds the revision before, and activation is what changed', () => {
    holdsForEveryLog((log) => {
      let state: ReducerState | null = null;
      for (const message of log) {
        const step = reduce(state, message);
        for (const { payload } of step.outputs) {
          if (!('intent' in payload) || payload.intent.payload.intentType !== 'consul.register') continue;
          const holds = state !== null && state.desired !== null && state.consul.confirmed === state.desired.revision;
          expect(payload.intent.payload.onlyHealth).toBe(holds && message.eventType === 'NODE_BECAME_ACTIVE');
        }
        state = step.state;
      }
    });
  });
});

describe('the order of two answers does not matter', () => {
  it('after any log, from two different backends', () => {
    let swapped = 0;
    const answers = { consul: ['consul', 'consulFails'], postgres: ['postgres', 'postgresFails'] } as const;
    fc.assert(
      fc.property(logs, fc.constantFrom(...answers.consul), fc.constantFrom(...answers.postgres), (log, one, other) => {
        const { state } = fold(log);
        // No backend takes a revision that it has refused: its answer to an intent is one event, however often it is given.
        fc.pre(state?.consul.failure == null && state?.postgres.failure == null);
        const at = { ahead: 1, nodeType: 'effect', attempt: 1 };
        const [first, second] = [
          messageOf({ ...at, type: one }, 101, state),
          messageOf({ ...at, type: other }, 102, state),
        ];
        const forwards = fold([first, second], state);
        const backwards = fold([second, first], state);
        const settled = ({ state: end }: Folded) => ({
          ...end,
          // Whether PARTIAL was said before FAILED depends on who was first; what follows does not.
          open: end?.open.map(({ reported, ...request }) => request),
        });
        expect(settled(forwards)).toEqual(settled(backwards));
        const last = ({ outputs }: Folded) =>
          outputs.flat().filter(({ eventType }) => eventType !== 'REGISTRATION_PARTIAL');
        expect(last(forwards)).toEqual(last(backwards));
        if (forwards.state !== state) swapped++;
      }),
      { numRuns: 1000, seed: 20261121 },
    );
    expect(swapped).toBeGreaterThan(150);
  });

  it('of the confirmations of one revision: the same state, open requests included', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const { state } = fold(log);
        const revision = state?.desired?.revision ?? 1;
        const messages = [build.consulHolds(101, revision), build.postgresHolds(102, revision)];
        expect(fold([...messages].reverse(), state).state).toEqual(fold(messages, state).state);
      }),
      { numRuns: 600, seed: 20261121 },
    );
  });
});

describe('a deliberately dumb model', () => {
  type Model = { version: number; revision: number; known: boolean; holds: { consul: number; postgres: number } };

  it('agrees on versions, revisions and what the backends hold', () => {
    holdsForEveryLog((log) => {
      const model: Model = { version: 0, revision: 0, known: false, holds: { consul: 0, postgres: 0 } };
      let state: ReducerState | null = null;
      for (const message of log) {
        const step = reduce(state, message);
        const { payload } = message;
        if ('workflowVersion' in payload) {
          const isSeen = payload.workflowVersion > model.version;
          const counts = message.eventType !== 'NODE_BECAME_ACTIVE' || !step.rule.startsWith('ignore');
          if (isSeen && counts) model.version = payload.workflowVersion;
          if (step.outputs.length === 2) [model.revision, model.known] = [model.revision + 1, true];
        } else if (message.eventType === 'REGISTRY_DRIFT_DETECTED') {
          const { backend, revision, foundRevision } = message.payload;
          const fits = model.known && revision === model.revision && model.holds[backend] === revision;
          if (fits && !isGhost(message)) {
            model.holds[backend] = 0;
            if (foundRevision !== null && foundRevision > revision) model.revision = foundRevision + 1;
          }
        } else if (model.known && isAnswer(message) && isConfirmation(message)) {
          const { backend, revision } = message.payload;
          if (revision <= model.revision) model.holds[backend] = Math.max(model.holds[backend], revision);
        }
        state = step.state;
        expect({
          version: state?.workflowVersion ?? 0,
          revision: state?.desired?.revision ?? 0,
          consul: state?.consul.confirmed ?? 0,
          postgres: state?.postgres.confirmed ?? 0,
        }).toEqual({ version: model.version, revision: model.revision, ...model.holds });
        if (model.known) {
          const both = model.holds.consul === model.revision && model.holds.postgres === model.revision;
          if (both && step.rule.endsWith('confirmation')) expect(state).toMatchObject({ status: 'complete', open: [] });
        }
      }
    });
  });
});
