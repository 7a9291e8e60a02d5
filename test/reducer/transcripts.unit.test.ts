import { describe, expect, it } from '@jest/globals';
import type { ConsulIntent, PostgresIntent } from '../../src/messages/index.js';
import { reduce } from '../../src/reducer/reduce.js';
import {
  becameActive,
  confirmed,
  CONSUL_REFUSES,
  consulHolds,
  correlation,
  deregistrationInitiated,
  driftDetected,
  GHOST,
  ghostFound,
  ghostRemoved,
  id,
  initiated,
  NODE,
  out,
  POSTGRES_REFUSES,
  postgresHolds,
  RECORD,
  refused,
} from '../support/builders.js';
import { DESIRES, desireAfter, given } from '../support/desire.js';

const {
  absent,
  active,
  activating,
  activatingWhileDegraded,
  bothFailed,
  consulHolds: consulOnly,
  deregistering,
  fenced,
  halfFailed,
  postgresHolds: postgresOnly,
  refusedFirst,
  registered,
  registering,
  updating,
} = DESIRES;

const IGNORED = { outputs: [], path: [], deadline: 'keep' } as const;

type Register = Extract<ConsulIntent, { intentType: 'consul.register' }>;
type Upsert = Extract<PostgresIntent, { intentType: 'postgres.upsert_registration' }>;

const registerInConsul = (fields: Partial<Register>) => {
  const payload: Register = {
    intentType: 'consul.register',
    nodeId: NODE,
    attemptId: id(1),
    revision: 1,
    health: 'critical',
    onlyHealth: false,
    otherNodeTypes: [],
    record: RECORD,
    ...fields,
  };
  const target = `consul://service/onex-${payload.record.nodeType}-${NODE}`;
  return out('CONSUL_INTENT', { nodeId: NODE, intent: { intentType: 'extension', target, payload } });
};
const upsertInPostgres = (fields: Partial<Upsert>) => {
  const payload: Upsert = {
    intentType: 'postgres.upsert_registration',
    nodeId: NODE,
    attemptId: id(1),
    revision: 1,
    state: 'registered',
    record: RECORD,
    ...fields,
  };
  const target = `postgres://node_registrations/${NODE}`;
  return out('POSTGRES_INTENT', { nodeId: NODE, intent: { intentType: 'extension', target, payload } });
};
const removal = (attempt: number, revision: number, nodeTypes: readonly 'effect'[] = ['effect']) => [
  out('CONSUL_INTENT', {
    nodeId: NODE,
    intent: {
      intentType: 'extension',
      target: `consul://service/onex-effect-${NODE}`,
      payload: { intentType: 'consul.deregister', nodeId: NODE, attemptId: id(attempt), revision, nodeTypes },
    },
  }),
  out('POSTGRES_INTENT', {
    nodeId: NODE,
    intent: {
      intentType: 'extension',
      target: `postgres://node_registrations/${NODE}`,
      payload: { intentType: 'postgres.deactivate_registration', nodeId: NODE, attemptId: id(attempt), revision },
    },
  }),
];
const FIRST = { nodeId: NODE, attemptId: id(1), workflowVersion: 1, kind: 'register', revision: 1 } as const;
const UPDATE = { ...FIRST, workflowVersion: 4, kind: 'update', revision: 3 } as const;

describe('a record becomes the desired one', () => {
  it('raises the revision and asks both backends', () => {
    given(null)
      .when(initiated(1, { attempt: 1, version: 1 }))
      .then({
        rule: 'desire_record',
        path: ['pending'],
        outputs: [registerInConsul({}), upsertInPostgres({})],
        correlationId: correlation(1),
        deadline: 'keep',
        state: {
          status: 'pending',
          workflowVersion: 1,
          desired: { revision: 1, presence: 'present', health: 'critical', attemptId: id(1), record: RECORD },
          consulTypes: ['effect'],
          open: [{ kind: 'register', attemptId: id(1), workflowVersion: 1, revision: 1, reported: 'nothing' }],
        },
      });
  });

  it.each([
    ['complete', registered],
    ['failed', halfFailed],
  ])('a registration resets an attempt that is over (%s)', (_, state) => {
    given(state)
      .when(initiated(20, { attempt: 20, version: 9 }))
      .then({
        rule: 'reset_and_desire_record',
        path: ['idle', 'pending'],
        outputs: [
          registerInConsul({ attemptId: id(20), revision: 2 }),
          upsertInPostgres({ attemptId: id(20), revision: 2 }),
        ],
        state: {
          open: [{ kind: 'register', attemptId: id(20), workflowVersion: 9, revision: 2, reported: 'nothing' }],
        },
      });
  });

  it('a restart goes back to critical at once', () => {
    const record = { ...RECORD, incarnation: 101 };
    given(active)
      .when(initiated(20, { attempt: 20, version: 9, record }))
      .then({
        rule: 'reset_and_desire_record',
        outputs: [
          registerInConsul({ attemptId: id(20), revision: 3, record }),
          upsertInPostgres({ attemptId: id(20), revision: 3, record }),
        ],
      });
  });

  it('an update stays passing, and the registration that is still open stays open', () => {
    const record = { ...RECORD, metadata: {} };
    given(active)
      .when(initiated(20, { attempt: 1, version: 4, kind: 'update', record }))
      .then({
        rule: 'desire_record',
        path: ['pending'],
        outputs: [
          registerInConsul({ revision: 3, health: 'passing', record }),
          upsertInPostgres({ revision: 3, state: 'active', record }),
        ],
      });
    const { step } = given(activatingWhileDegraded).when(
      initiated(20, { attempt: 1, version: 4, kind: 'update', record }),
    );
    expect(step.state?.open.map(({ kind, reported }) => [kind, reported])).toEqual([
      ['register', 'partial'],
      ['update', 'nothing'],
    ]);
  });

  it('an update whose activation was overtaken carries the health with it', () => {
    given(registered)
      .when(initiated(20, { attempt: 1, version: 4, kind: 'update' }))
      .when(becameActive(21, 1, 3))
      .then({
        rule: 'ignore_stale',
        ignored: 'stale',
        ...IGNORED,
        state: { desired: expect.objectContaining({ health: 'passing' }) as never },
      });
  });
});

describe('only_health: exactly when Consul holds the revision before, and only health changed', () => {
  const onlyHealth = (state: typeof registered) => {
    const { step } = given(state).when(becameActive(20, 1, 3));
    const [intent] = step.outputs;
    return (intent as unknown as { payload: { intent: { payload: Register } } }).payload.intent.payload.onlyHealth;
  };

  it('activation of what Consul holds', () => {
    expect(onlyHealth(registered)).toBe(true);
    expect(onlyHealth(consulOnly)).toBe(true);
    given(registered)
      .when(becameActive(20, 1, 3))
      .then({
        rule: 'desire_passing',
        path: ['pending'],
        outputs: [
          registerInConsul({ revision: 2, health: 'passing', onlyHealth: true }),
          upsertInPostgres({ revision: 2, state: 'active' }),
        ],
        state: { open: [], workflowVersion: 3 },
      });
  });

  it('not where Consul does not hold it yet, or has refused it', () => {
    expect(onlyHealth(registering)).toBe(false);
    expect(onlyHealth(postgresOnly)).toBe(false);
    expect(onlyHealth(halfFailed)).toBe(false);
  });

  it('not where Consul holds an older revision', () => {
    const again = desireAfter(
      initiated(1, { attempt: 1, version: 1 }),
      consulHolds(2, 1),
      initiated(3, { attempt: 1, version: 2, record: { ...RECORD, metadata: {} } }),
    );
    expect(onlyHealth(again)).toBe(false);
  });

  it('not for a registration or an update, even of the same record', () => {
    given(registered)
      .when(initiated(20, { attempt: 20, version: 9, health: 'passing' }))
      .then({
        rule: 'reset_and_desire_record',
        outputs: [
          registerInConsul({ attemptId: id(20), revision: 2, health: 'passing', onlyHealth: false }),
          upsertInPostgres({ attemptId: id(20), revision: 2, state: 'active' }),
        ],
      });
  });
});

it('the same values give the same step, whether or not message and state share an object', () => {
  const message = initiated(20, { attempt: 20, version: 9 });
  const sharing = { ...message, payload: { ...message.payload, record: registered.desired!.record } };
  expect(reduce(registered, sharing)).toEqual(reduce(registered, message));
});

describe('a changed node_type: Consul must never hold a node twice', () => {
  const compute = { ...RECORD, nodeType: 'compute' } as const;
  const orchestrator = { ...RECORD, nodeType: 'orchestrator' } as const;
  const toCompute = initiated(20, { attempt: 20, version: 9, record: compute });

  it('names the type before', () => {
    given(registered)
      .when(toCompute)
      .then({
        rule: 'reset_and_desire_record',
        outputs: [
          registerInConsul({ attemptId: id(20), revision: 2, record: compute, otherNodeTypes: ['effect'] }),
          upsertInPostgres({ attemptId: id(20), revision: 2, record: compute }),
        ],
        state: { consulTypes: ['effect', 'compute'] },
      });
  });

  it('names every type that Consul may still hold, until a write is confirmed', () => {
    const changes = given(registered)
      .when(toCompute)
      .when(initiated(21, { attempt: 21, version: 10, record: orchestrator }));
    changes.then({
      rule: 'desire_record',
      outputs: [
        registerInConsul({
          attemptId: id(21),
          revision: 3,
          record: orchestrator,
          otherNodeTypes: ['effect', 'compute'],
        }),
        upsertInPostgres({ attemptId: id(21), revision: 3, record: orchestrator }),
      ],
    });
    changes.when(consulHolds(22, 2)).then({
      rule: 'note_confirmation',
      state: { consulTypes: ['effect', 'compute', 'orchestrator'] },
    });
    changes.when(consulHolds(22, 3)).then({
      rule: 'report_confirmation',
      outputs: expect.anything() as never,
      state: { consulTypes: ['orchestrator'] },
    });
  });

  it('a removal names them all', () => {
    const { step } = given(registered)
      .when(toCompute)
      .when(deregistrationInitiated(21, 20, 10));
    expect(step.outputs[0]).toMatchObject({ payload: { intent: { payload: { nodeTypes: ['effect', 'compute'] } } } });
  });
});

describe('the backends answer', () => {
  const partialBy = (backend: 'consul' | 'postgres') =>
    out('REGISTRATION_PARTIAL', {
      ...FIRST,
      confirmed: [backend],
      pending: [backend === 'consul' ? 'postgres' : 'consul'],
      errors: [],
    });
  const completion = out('REGISTRATION_COMPLETED', {
    ...FIRST,
    confirmed: ['consul', 'postgres'],
    pending: [],
    errors: [],
  });

  it.each([
    ['consul', consulHolds(20, 1), postgresHolds(21, 1)],
    ['postgres', postgresHolds(20, 1), consulHolds(21, 1)],
  ] as const)('%s first', (backend, first, second) => {
    const half = given(registering).when(first);
    half.then({ rule: 'report_confirmation', path: ['partial'], outputs: [partialBy(backend)] });
    half.when(second).then({
      rule: 'report_confirmation',
      path: ['complete'],
      outputs: [completion],
      state: {
        status: 'complete',
        open: [],
        consul: { confirmed: 1, failure: null },
        postgres: { confirmed: 1, failure: null },
      },
    });
  });

  it('a duplicate, an older one, one of the future and one in idle change nothing', () => {
    given(consulOnly)
      .when(consulHolds(20, 1))
      .then({ rule: 'ignore_duplicate', ...IGNORED });
    given(active)
      .when(consulHolds(20, 1))
      .then({ rule: 'ignore_stale', ...IGNORED });
    given(registering)
      .when(consulHolds(20, 2))
      .then({ rule: 'ignore_stale', ...IGNORED });
    given(null)
      .when(consulHolds(20, 1))
      .then({ rule: 'ignore_unknown_node', ...IGNORED });
    given(fenced)
      .when(consulHolds(20, 1))
      .then({ rule: 'ignore_unknown_node', ...IGNORED });
  });

  it('a terminal error makes it failed once every backend has answered', () => {
    const half = given(registering).when(refused(20, 'consul', 1));
    half.then({ rule: 'note_failure', path: [], state: { status: 'pending' } });
    half.when(postgresHolds(21, 1)).then({
      rule: 'report_confirmation',
      path: ['failed'],
      outputs: [
        out('REGISTRATION_FAILED', { ...FIRST, confirmed: ['postgres'], pending: [], errors: [CONSUL_REFUSES] }),
      ],
    });
    half.when(refused(21, 'postgres', 1)).then({
      rule: 'report_failure',
      path: ['failed'],
      outputs: [
        out('REGISTRATION_FAILED', {
          ...FIRST,
          confirmed: [],
          pending: [],
          errors: [CONSUL_REFUSES, POSTGRES_REFUSES],
        }),
      ],
    });
    given(postgresOnly)
      .when(refused(21, 'consul', 1))
      .then({
        rule: 'report_failure',
        path: ['failed'],
        outputs: [
          out('REGISTRATION_FAILED', { ...FIRST, confirmed: ['postgres'], pending: [], errors: [CONSUL_REFUSES] }),
        ],
      });
  });

  it('a failure is told once, and one of a record that is no longer desired does not matter', () => {
    given(bothFailed)
      .when(refused(20, 'consul', 1))
      .then({ rule: 'ignore_duplicate', ...IGNORED });
    given(activating)
      .when(refused(20, 'consul', 1))
      .then({ rule: 'ignore_stale', ...IGNORED });
    given(consulOnly)
      .when(refused(20, 'consul', 1))
      .then({ rule: 'ignore_duplicate', ...IGNORED });
  });

  it('a node activated while degraded converges by a later revision', () => {
    given(activatingWhileDegraded)
      .when(postgresHolds(20, 2))
      .when(consulHolds(21, 2))
      .then({
        rule: 'report_confirmation',
        path: ['complete'],
        outputs: [completion],
        state: { open: [] },
      });
  });

  it('also when the backend had refused the first one', () => {
    given(halfFailed)
      .when(becameActive(20, 1, 3))
      .when(consulHolds(21, 2))
      .then({ rule: 'report_confirmation', path: ['partial'], outputs: [completion] });
  });

  it('a confirmation clears the failure that it answers, not a later one', () => {
    const holds = { confirmed: 1, failure: null };
    given(halfFailed)
      .when(consulHolds(20, 1))
      .then({ rule: 'report_confirmation', path: ['complete'], outputs: [completion], state: { consul: holds } });
    const failure = { revision: 2, code: CONSUL_REFUSES.errorCode, message: CONSUL_REFUSES.errorMessage };
    given(activatingWhileDegraded)
      .when(refused(20, 'consul', 2))
      .when(consulHolds(21, 1))
      .then({
        rule: 'report_confirmation',
        path: [],
        outputs: [completion],
        state: { consul: { confirmed: 1, failure } },
      });
  });

  it('an update while degraded ends with both reports', () => {
    given(activatingWhileDegraded)
      .when(initiated(20, { attempt: 1, version: 4, kind: 'update', record: { ...RECORD, metadata: {} } }))
      .when(postgresHolds(21, 3))
      .when(consulHolds(22, 3))
      .then({
        rule: 'report_confirmation',
        path: ['complete'],
        outputs: [
          completion,
          out('REGISTRATION_COMPLETED', { ...UPDATE, confirmed: ['consul', 'postgres'], pending: [], errors: [] }),
        ],
      });
  });

  it('activation reports no progress of its own', () => {
    given(activating)
      .when(consulHolds(20, 2))
      .then({ rule: 'note_confirmation', path: ['partial'] });
    given(activating)
      .when(consulHolds(20, 2))
      .when(postgresHolds(21, 2))
      .then({ rule: 'note_confirmation', path: ['complete'] });
  });

  it('an update that one backend refuses', () => {
    given(updating)
      .when(postgresHolds(20, 3))
      .when(refused(21, 'consul', 3))
      .then({
        rule: 'report_failure',
        path: ['failed'],
        outputs: [
          out('REGISTRATION_FAILED', { ...UPDATE, confirmed: ['postgres'], pending: [], errors: [CONSUL_REFUSES] }),
        ],
      });
  });
});

describe('workflow versions: what is older than the newest seen is dropped', () => {
  const stale = { rule: 'ignore_stale', ignored: 'stale', ...IGNORED } as const;

  it.each([2, 3])('at version 3, version %i', (version) => {
    given(activating)
      .when(initiated(20, { attempt: 20, version }))
      .then({ ...stale, state: activating });
    given(activating)
      .when(becameActive(20, 1, version))
      .then(stale);
    given(activating)
      .when(deregistrationInitiated(20, 1, version))
      .then(stale);
  });

  it('a deregistration that comes first leaves the fence, and has nothing to remove', () => {
    const fence = given(null).when(deregistrationInitiated(1, 1, 5));
    fence.then({
      rule: 'nothing_to_remove',
      path: ['complete'],
      outputs: [
        out('REGISTRATION_COMPLETED', {
          ...FIRST,
          workflowVersion: 5,
          kind: 'deregister',
          confirmed: ['consul', 'postgres'],
          pending: [],
          errors: [],
        }),
      ],
      state: { workflowVersion: 5, desired: null, open: [] },
    });
    fence.when(initiated(2, { attempt: 1, version: 4 })).then(stale);
    fence.when(initiated(2, { attempt: 2, version: 6 })).then({
      rule: 'reset_and_desire_record',
      path: ['idle', 'pending'],
      outputs: [registerInConsul({ attemptId: id(2) }), upsertInPostgres({ attemptId: id(2) })],
    });
  });

  it('an activation of another attempt, of nothing, or of what is being removed', () => {
    given(registered)
      .when(becameActive(20, 2, 9))
      .then(stale);
    given(deregistering)
      .when(becameActive(20, 1, 9))
      .then(stale);
    given(null)
      .when(becameActive(20, 1, 9))
      .then({ rule: 'ignore_unknown_node', ...IGNORED });
  });
});

describe('both backends are asked to forget the node', () => {
  it('at a revision of its own', () => {
    given(active)
      .when(deregistrationInitiated(20, 1, 4))
      .then({
        rule: 'desire_absence',
        path: ['pending'],
        outputs: removal(1, 3),
        state: {
          open: [{ kind: 'deregister', attemptId: id(1), workflowVersion: 4, revision: 3, reported: 'nothing' }],
        },
      });
  });

  it('and tells when they have', () => {
    given(deregistering)
      .when(confirmed(20, 'POSTGRES_REGISTRATION_DEACTIVATED', 3))
      .when(confirmed(21, 'CONSUL_DEREGISTERED', 3))
      .then({
        rule: 'report_confirmation',
        path: ['complete'],
        outputs: [
          out('REGISTRATION_COMPLETED', {
            ...FIRST,
            workflowVersion: 4,
            kind: 'deregister',
            revision: 3,
            confirmed: ['consul', 'postgres'],
            pending: [],
            errors: [],
          }),
        ],
        state: { consulTypes: [], open: [] },
      });
  });

  it('while the registration is still on its way: that one is not reported any more', () => {
    given(registering)
      .when(deregistrationInitiated(20, 1, 2))
      .when(consulHolds(21, 1))
      .then({ rule: 'note_confirmation', state: { consulTypes: ['effect'] } });
  });

  it('a node that comes back is written whole', () => {
    given(absent)
      .when(initiated(20, { attempt: 20, version: 9 }))
      .then({
        rule: 'reset_and_desire_record',
        path: ['idle', 'pending'],
        outputs: [
          registerInConsul({ attemptId: id(20), revision: 4 }),
          upsertInPostgres({ attemptId: id(20), revision: 4 }),
        ],
      });
  });
});

describe('validation', () => {
  it.each([
    ['missing_node_id', { ...RECORD, nodeId: '' }, 'the record has no node_id'],
    ['missing_node_type', { ...RECORD, nodeType: '' }, 'the record has no node_type'],
    ['invalid_node_type', { ...RECORD, nodeType: 'toaster' }, 'node_type "toaster" is unknown'],
    ['invalid_node_type', { ...RECORD, nodeType: 'constructor' }, 'node_type "constructor" is unknown'],
  ])('%s', (errorCode, record, errorMessage) => {
    for (const [state, revision] of [
      [null, 0],
      [active, 2],
    ] as const) {
      given(state)
        .when(initiated(20, { attempt: 20, version: 9, record }))
        .then({
          rule: 'refuse_record',
          path: ['failed'],
          outputs: [
            out('REGISTRATION_FAILED', {
              ...FIRST,
              attemptId: id(20),
              workflowVersion: 9,
              revision,
              confirmed: [],
              pending: [],
              errors: [{ backend: null, errorCode, errorMessage }],
            }),
          ],
          state: { workflowVersion: 9, desired: state?.desired ?? null },
        });
    }
  });

  it.each([
    ['nothing is registered', null],
    ['the node is gone', absent],
    ['the first record was refused', refusedFirst],
  ])('invalid_reset_state: an update, where %s', (_, state) => {
    const { step } = given(state).when(initiated(20, { attempt: 1, version: 9, kind: 'update' }));
    expect(step.rule).toBe('refuse_record');
    expect(step.outputs).toMatchObject([
      { eventType: 'REGISTRATION_FAILED', payload: { kind: 'update', errors: [{ errorCode: 'invalid_reset_state' }] } },
    ]);
  });

  it('what was on its way goes on', () => {
    given(DESIRES.refusedWhilePending)
      .when(consulHolds(20, 1))
      .when(postgresHolds(21, 1))
      .then({
        rule: 'report_confirmation',
        path: ['complete'],
        outputs: [
          out('REGISTRATION_COMPLETED', { ...FIRST, confirmed: ['consul', 'postgres'], pending: [], errors: [] }),
        ],
      });
  });
});

describe('drift', () => {
  const inConsul = { revision: 2, health: 'passing' } as const;
  const inPostgres = { revision: 2, state: 'active' } as const;

  it('what a backend has lost is asked for again, of that backend alone, at the same revision and whole', () => {
    given(active)
      .when(driftDetected(20, { backend: 'consul', revision: 2 }))
      .then({
        rule: 'reassert',
        path: ['partial'],
        outputs: [registerInConsul(inConsul)],
        correlationId: correlation(20),
        state: {
          desired: active.desired,
          consul: { confirmed: 0, failure: null },
          postgres: { confirmed: 2, failure: null },
          open: [],
        },
      });
    given(active)
      .when(driftDetected(20, { backend: 'postgres', drift: 'altered', revision: 2, foundRevision: 2 }))
      .then({ rule: 'reassert', path: ['partial'], outputs: [upsertInPostgres(inPostgres)] });
  });

  it('the confirmation of what was asked for again completes it, and nobody is told', () => {
    given(DESIRES.consulLost)
      .when(consulHolds(20, 2))
      .then({
        rule: 'note_confirmation',
        path: ['complete'],
        outputs: [],
        state: { consul: { confirmed: 2, failure: null } },
      });
  });

  it('an entry above every revision of ours is overtaken, in both backends', () => {
    given(active)
      .when(driftDetected(20, { backend: 'postgres', drift: 'altered', revision: 2, foundRevision: 9 }))
      .then({
        rule: 'reassert',
        path: ['pending'],
        outputs: [registerInConsul({ ...inConsul, revision: 10 }), upsertInPostgres({ ...inPostgres, revision: 10 })],
        state: { desired: { ...active.desired!, revision: 10 } },
      });
  });

  it('an absence is asked for again, too', () => {
    given(absent)
      .when(driftDetected(20, { backend: 'postgres', drift: 'ghost', revision: 3, foundRevision: 2 }))
      .then({ rule: 'reassert', path: ['partial'], outputs: [removal(1, 3)[1]!] });
  });

  it.each([
    ['of a node that nobody knows', null, null, 0],
    ['beside the entry of a node', active, 2, 2],
    ['of a node that is gone', absent, 3, 3],
  ])('a ghost %s is removed, and the state stays', (_, state, revision, asked) => {
    const attemptId = state === null ? id(20) : id(1);
    const payload = {
      intentType: 'consul.remove_service',
      nodeId: NODE,
      attemptId,
      revision: asked,
      ...GHOST,
    } as const;
    const found = given(state).when(ghostFound(20, revision));
    found.then({
      rule: 'remove_ghost',
      path: [],
      outputs: [
        out('CONSUL_INTENT', {
          nodeId: NODE,
          intent: { intentType: 'extension', target: `consul://service/${GHOST.serviceId}`, payload },
        }),
      ],
    });
    found.when(ghostRemoved(21, asked)).then({ rule: 'note_removal', path: [], outputs: [] });
  });

  it.each([
    ['judged by an older record', active, driftDetected(20, { backend: 'consul', revision: 1 })],
    ['while the intent is on its way', updating, driftDetected(20, { backend: 'consul', revision: 3 })],
    ['of what was asked for again already', DESIRES.consulLost, driftDetected(20, { backend: 'consul', revision: 2 })],
    ['a ghost of nobody, when the node is known by now', active, ghostFound(20, null)],
    ['a ghost while the node moves', activating, ghostFound(20, 2)],
  ])('%s is stale', (_, state, message) => {
    given(state)
      .when(message)
      .then({ rule: 'ignore_stale', ...IGNORED });
  });

  it('a ghost that cannot be removed says nothing of the record', () => {
    const failure = refused(20, 'consul', 2);
    given(DESIRES.consulLost)
      .when({ ...failure, payload: { ...failure.payload, operation: 'consul.remove_service' } })
      .then({ rule: 'ignore_stale', ...IGNORED });
  });
});
