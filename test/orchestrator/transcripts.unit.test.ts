import { describe, expect, it } from '@jest/globals';
import { canonicalHash } from '../../src/messages/index.js';
import {
  acked,
  at,
  completed,
  CONSUL_REFUSES,
  correlation,
  deadlinePassed,
  deregisterNode,
  failed,
  heartbeat,
  id,
  introspection,
  NODE,
  out,
  partial,
  POSTGRES_REFUSES,
  RECORD,
  registerNode,
} from '../support/builders.js';
import { CONTEXT, given, OPEN, orchestrator, TIMINGS, WORKFLOWS } from '../support/workflow.js';

const {
  active,
  activeDegraded,
  activeUpdating,
  activeByHand,
  activeWithoutLiveness,
  ackTimedOut,
  awaitingAck,
  awaitingAckDegraded,
  deregistered,
  deregistering,
  livenessExpired,
  pending,
  pendingPartial,
  pendingWaived,
  pendingWaivedHeartbeat,
  pendingWaivedPartial,
  rejected,
  rejectedByBackends,
} = WORKFLOWS;

/** Everything of the attempt that message number 1 began carries this. */
const OF_THE_FIRST = { correlationId: correlation(1) };
const UNTOUCHED = { outputs: [], deadline: 'keep', path: [] } as const;

const initiated = (attempt: number, workflowVersion: number, record = RECORD) =>
  out('NODE_REGISTRATION_INITIATED', {
    nodeId: NODE,
    attemptId: id(attempt),
    workflowVersion,
    kind: 'register',
    health: 'critical',
    record,
  });
const deregistrationInitiated = (attempt: number, workflowVersion: number, reason: string) =>
  out('NODE_DEREGISTRATION_INITIATED', { nodeId: NODE, attemptId: id(attempt), workflowVersion, reason });
const accepted = (
  fields: Partial<{ ackTimeoutMs: number | null; consulRegistered: boolean; postgresRegistered: boolean }> = {},
) =>
  out('NODE_REGISTRATION_ACCEPTED', {
    nodeId: NODE,
    attemptId: id(1),
    ackTimeoutMs: TIMINGS.ackTimeoutMs,
    heartbeatIntervalMs: TIMINGS.heartbeatIntervalMs,
    consulRegistered: true,
    postgresRegistered: true,
    ...fields,
  });
const becameActive = (workflowVersion: number, livenessDeadline: string | null) =>
  out('NODE_BECAME_ACTIVE', {
    nodeId: NODE,
    attemptId: id(1),
    workflowVersion,
    capabilities: RECORD.capabilities,
    livenessDeadline,
  });
const refusal = (attempt: number, reasonCode: string, reason: string) =>
  out('NODE_REGISTRATION_REJECTED', { nodeId: NODE, attemptId: id(attempt), reasonCode, reason });

const TOASTER_REFUSED = 'node_type "toaster" is unknown; allowed here: effect, compute, orchestrator';

describe('none, rejected, ack_timed_out, liveness_expired: an announcement that is admitted begins an attempt', () => {
  it('begins the first attempt of a node', () => {
    given(null)
      .when(introspection(1))
      .then({
        rule: 'begin_attempt',
        path: ['pending_registration'],
        outputs: [initiated(1, 1)],
        deadline: null,
        ...OF_THE_FIRST,
        state: {
          status: 'pending_registration',
          workflowVersion: 1,
          requestVersion: 1,
          attemptId: id(1),
          correlationId: correlation(1),
          acknowledgement: 'required',
          liveness: 'heartbeat',
          degraded: false,
          revision: 0,
          record: RECORD,
          recordHash: canonicalHash(RECORD),
          reason: null,
          registeredAt: null,
          updatedAt: at(1),
        },
      });
  });

  it.each(['startup', 'request', 'capability_change', 'health_change'] as const)(
    'whatever its reason: %s',
    (reason) => {
      given(null)
        .when(introspection(1, { reason }))
        .then({ rule: 'begin_attempt', path: ['pending_registration'], outputs: [initiated(1, 1)] });
    },
  );

  it('holds a node that an operator registers to his terms', () => {
    given(null)
      .when(registerNode(1, { acknowledgement: 'required', liveness: 'none' }))
      .then({
        rule: 'begin_attempt',
        outputs: [initiated(1, 1)],
        state: { acknowledgement: 'required', liveness: 'none' },
      });
  });

  it.each(Object.entries({ rejected, rejectedByBackends, ackTimedOut, livenessExpired }))(
    'begins anew: %s',
    (_, state) => {
      const version = state.workflowVersion + 1;
      given(state)
        .when(introspection(20, { reason: 'request' }))
        .then({
          rule: 'begin_attempt',
          path: ['pending_registration'],
          outputs: [initiated(20, version)],
          deadline: null,
          correlationId: correlation(20),
          state: {
            attemptId: id(20),
            correlationId: correlation(20),
            requestVersion: version,
            consulRegistered: false,
            postgresRegistered: false,
            reason: null,
            registeredAt: state.registeredAt,
          },
        });
      given(state)
        .when(registerNode(20))
        .then({ rule: 'begin_attempt', outputs: [initiated(20, version)] });
    },
  );

  it('puts an incarnation that is not named down as the one known', () => {
    given(livenessExpired)
      .when(introspection(20, { incarnation: undefined }))
      .then({ rule: 'begin_attempt', outputs: [initiated(20, 5)], state: { record: RECORD } });
  });
});

describe('deregistering, deregistered: what an operator removed comes back only of its own will or his', () => {
  const states = Object.entries({ deregistering, deregistered });

  it.each(states)('%s: a start, a newer incarnation or REGISTER_NODE brings the node back', (_, state) => {
    const version = state.workflowVersion + 1;
    for (const message of [
      introspection(20, { reason: 'startup', incarnation: undefined }),
      introspection(20),
      registerNode(20),
      registerNode(20, { reason: 'request' }),
    ]) {
      given(state)
        .when(message)
        .then({
          rule: 'begin_attempt',
          path: ['pending_registration'],
          outputs: [initiated(20, version)],
          deadline: null,
        });
    }
    given(state)
      .when(introspection(20, { reason: 'request', incarnation: 101 }))
      .then({ rule: 'begin_attempt', outputs: [initiated(20, version, { ...RECORD, incarnation: 101 })] });
  });

  it.each(states)('%s: an answer to a broadcast does not', (_, state) => {
    for (const reason of ['request', 'capability_change', 'health_change'] as const) {
      for (const incarnation of [100, undefined]) {
        given(state)
          .when(introspection(20, { reason, incarnation, metadata: { team: 'video' } }))
          .then({ rule: 'ignore_terminal', ignored: 'terminal', ...UNTOUCHED });
      }
    }
  });

  it('keeps the time of the first acceptance, and the revision, through a re-registration', () => {
    expect(deregistered).toMatchObject({ registeredAt: at(2), revision: 3 });
    given(deregistered)
      .when(introspection(20))
      .when(completed(21, { attempt: 20, version: 6, revision: 4 }))
      .then({
        rule: 'accept',
        path: ['accepted', 'awaiting_ack'],
        outputs: [{ ...accepted(), payload: { ...accepted().payload, attemptId: id(20) } }],
        state: { registeredAt: at(2), revision: 4 },
      });
  });
});

describe('what is not admitted is rejected, with a reason that the node can read', () => {
  it.each<[string, string | undefined, string, string]>([
    ['unknown', 'toaster', 'unknown_node_type', TOASTER_REFUSED],
    ['missing', undefined, 'missing_node_type', 'node_type is missing; allowed here: effect, compute, orchestrator'],
    [
      'not allowed here',
      'reducer',
      'node_type_not_allowed',
      'node_type "reducer" is not allowed; allowed here: effect, compute, orchestrator',
    ],
  ])('a node_type that is %s', (_, nodeType, code, reason) => {
    given(null)
      .when(introspection(1, { nodeType }))
      .then({
        rule: 'reject',
        path: ['rejected'],
        outputs: [refusal(1, code, reason)],
        deadline: null,
        ...OF_THE_FIRST,
        state: { status: 'rejected', workflowVersion: 1, attemptId: id(1), reason, registeredAt: null },
      });
  });

  it.each(Object.entries({ rejected, ackTimedOut, livenessExpired, deregistering, deregistered }))(
    'in %s',
    (_, state) => {
      given(state)
        .when(introspection(20, { nodeType: 'toaster' }))
        .then({
          rule: 'reject',
          path: ['rejected'],
          outputs: [refusal(20, 'unknown_node_type', TOASTER_REFUSED)],
          correlationId: correlation(20),
          state: { attemptId: id(20), workflowVersion: state.workflowVersion + 1 },
        });
    },
  );

  it('a fleet that is full, and it journals the size that it decided by', () => {
    const decide = orchestrator({ ...OPEN, fleetLimit: 2 });
    expect(decide(null, introspection(1), { ...CONTEXT, fleetSize: 2 })).toMatchObject({
      rule: 'reject',
      outputs: [refusal(1, 'fleet_limit_reached', 'the fleet already has 2 of at most 2 nodes')],
      used: { fleetSize: 2 },
    });
    expect(decide(null, introspection(1), { ...CONTEXT, fleetSize: 1 })).toMatchObject({
      rule: 'begin_attempt',
      used: { fleetSize: 1 },
    });
    expect(decide(active, introspection(20, { metadata: {} }), { ...CONTEXT, fleetSize: 2 }).rule).toBe('begin_update');
  });

  it('a field that is required here and missing or empty', () => {
    const decide = orchestrator({
      ...OPEN,
      requiredFields: ['endpoints', 'metadata', 'health_endpoint', 'incarnation'],
    });
    const empty = { endpoints: {}, healthEndpoint: undefined, incarnation: undefined };
    expect(decide(null, introspection(1, empty)).outputs).toEqual([
      refusal(1, 'missing_required_field', 'required here and missing: endpoints, health_endpoint, incarnation'),
    ]);
    expect(decide(null, introspection(1, { incarnation: 0 })).rule).toBe('begin_attempt');
  });

  it.each(Object.entries({ pending, pendingPartial, awaitingAck, active }))(
    '%s: refuses, and the running registration stays; the refusal has an attempt and a correlation of its own',
    (_, state) => {
      given(state)
        .when(introspection(20, { nodeType: 'toaster', incarnation: 101 }))
        .then({
          rule: 'refuse',
          path: [],
          outputs: [refusal(20, 'unknown_node_type', TOASTER_REFUSED)],
          deadline: 'keep',
          correlationId: correlation(20),
          state: { ...state, workflowVersion: state.workflowVersion + 1, updatedAt: at(20) },
        });
    },
  );
});

describe('any but none and deregistered: an older incarnation is stale, whatever it says', () => {
  const { deregistered: _gone, pendingWithoutIncarnation: _unnumbered, activeByHand: _excused, ...states } = WORKFLOWS;

  it.each(Object.entries(states))('%s', (_, state) => {
    for (const message of [
      introspection(20, { incarnation: 99 }),
      introspection(20, { incarnation: 99, reason: 'shutdown' }),
      introspection(20, { incarnation: 99, nodeType: 'toaster' }),
      introspection(20, { incarnation: 99, metadata: { team: 'video' } }),
    ]) {
      given(state)
        .when(message)
        .then({ rule: 'ignore_stale', ignored: 'stale', ...UNTOUCHED });
    }
  });

  it('deregistered: the old number no longer counts', () => {
    given(deregistered)
      .when(introspection(20, { incarnation: 5 }))
      .then({ rule: 'begin_attempt', outputs: [initiated(20, 6, { ...RECORD, incarnation: 5 })] });
    given(deregistered)
      .when(introspection(20, { incarnation: 5, reason: 'shutdown' }))
      .then({ rule: 'ignore_duplicate', ignored: 'duplicate' });
  });

  it('an absent incarnation is never compared', () => {
    given(awaitingAck)
      .when(introspection(20, { incarnation: undefined, reason: 'request' }))
      .then({ rule: 'ignore_duplicate', ...UNTOUCHED });
    given(WORKFLOWS.pendingWithoutIncarnation)
      .when(introspection(20, { incarnation: 5 }))
      .then({ rule: 'replace_attempt', outputs: [initiated(20, 2, { ...RECORD, incarnation: 5 })] });
  });

  it('but the first one of a node that is excused from ack and heartbeats ends that', () => {
    given(activeByHand)
      .when(introspection(20, { incarnation: 5 }))
      .then({
        rule: 'restart_attempt',
        outputs: [initiated(20, 3, { ...RECORD, incarnation: 5 })],
        deadline: null,
        state: { attemptId: id(20), acknowledgement: 'required', liveness: 'heartbeat' },
      });
    given(activeByHand)
      .when(registerNode(20, { incarnation: 5, liveness: 'heartbeat' }))
      .then({
        rule: 'restart_attempt',
        outputs: [initiated(20, 3, { ...RECORD, incarnation: 5 })],
        state: { acknowledgement: 'waived', liveness: 'heartbeat' },
      });
  });

  it.each([
    ['owes the same', registerNode(20, { incarnation: 5 })],
    ['says no number', introspection(20, { incarnation: undefined, metadata: { team: 'video' } })],
  ])('and changes nothing for one that %s', (_, message) => {
    const { rule, state } = orchestrator(OPEN)(activeByHand, message, CONTEXT);
    expect(rule).toBe('begin_update');
    expect(state).toMatchObject({ attemptId: id(1), acknowledgement: 'waived', liveness: 'none' });
  });
});

describe('pending_registration, awaiting_ack, active: a node announces itself again', () => {
  const states = Object.entries({ pending, pendingPartial, awaitingAck, awaitingAckDegraded, active, activeDegraded });

  it.each(states)('%s: a restarted process has to acknowledge again', (_, state) => {
    const version = state.workflowVersion + 1;
    given(state)
      .when(introspection(20, { incarnation: 101 }))
      .then({
        rule: 'restart_attempt',
        path: ['pending_registration'],
        outputs: [initiated(20, version, { ...RECORD, incarnation: 101 })],
        deadline: null,
        correlationId: correlation(20),
        state: {
          attemptId: id(20),
          degraded: false,
          consulRegistered: false,
          postgresRegistered: false,
          revision: state.revision,
          registeredAt: state.registeredAt,
          updates: [],
        },
      });
  });

  it.each(states)('%s: the same record says nothing new', (_, state) => {
    for (const reason of ['startup', 'request', 'capability_change'] as const) {
      given(state)
        .when(introspection(20, { reason }))
        .then({ rule: 'ignore_duplicate', ignored: 'duplicate', ...UNTOUCHED });
    }
  });

  it('knows the same record by its canonical hash, in whatever order its fields come', () => {
    const { operations, draft, resize } = RECORD.capabilities as Record<string, never>;
    given(active)
      .when(introspection(20, { capabilities: { operations: operations!, draft: draft!, resize: resize! } }))
      .then({ rule: 'ignore_duplicate' });
  });

  it.each(Object.entries({ pending, pendingPartial, awaitingAck, awaitingAckDegraded }))(
    '%s: a changed record replaces the attempt',
    (_, state) => {
      given(state)
        .when(introspection(20, { capabilities: {} }))
        .then({
          rule: 'replace_attempt',
          path: ['pending_registration'],
          outputs: [initiated(20, state.workflowVersion + 1, { ...RECORD, capabilities: {}, capabilityTags: [] })],
          deadline: null,
          correlationId: correlation(20),
          state: { attemptId: id(20), degraded: false },
        });
    },
  );

  it('active: a changed record is an update of the same attempt', () => {
    const record = { ...RECORD, nodeVersion: '1.3.0', metadata: {} };
    given(active)
      .when(introspection(20, { nodeVersion: '1.3.0', metadata: {} }))
      .then({
        rule: 'begin_update',
        path: [],
        outputs: [
          out('NODE_REGISTRATION_INITIATED', {
            nodeId: NODE,
            attemptId: id(1),
            workflowVersion: 4,
            kind: 'update',
            health: 'passing',
            record,
          }),
        ],
        deadline: 'keep',
        ...OF_THE_FIRST,
        state: {
          status: 'active',
          attemptId: id(1),
          correlationId: correlation(1),
          requestVersion: active.requestVersion,
          record,
          recordHash: canonicalHash(record),
          updates: [{ workflowVersion: 4, changed: ['node_version', 'metadata'] }],
        },
      });
  });

  it('keeps at most 16 updates open, and reports the oldest as one', () => {
    const change = (n: number) => introspection(n, { metadata: { n }, nodeVersion: `1.0.${n}` });
    const many = Array.from({ length: 19 }, (_, index) => change(21 + index));
    const { step } = many.reduce((scenario, message) => scenario.when(message), given(active).when(change(20)));
    const { updates } = step.state!;
    expect(updates).toHaveLength(16);
    expect(updates[0]).toEqual({ workflowVersion: 8, changed: ['node_version', 'metadata'] });
    expect(updates.at(-1)?.workflowVersion).toBe(23);
  });
});

describe('any but none: a node leaves', () => {
  const { deregistering: _leaving, deregistered: _gone, ...here } = WORKFLOWS;

  it.each(Object.entries(here))('%s: by its own word, or by a command', (_, state) => {
    const version = state.workflowVersion + 1;
    const leaves = (reason: string) => ({
      rule: 'begin_deregistration',
      path: ['deregistering'],
      outputs: [deregistrationInitiated(1, version, reason)],
      deadline: null,
      ...OF_THE_FIRST,
      state: { degraded: false, updates: [], requestVersion: version, reason },
    });
    given(state)
      .when(introspection(20, { reason: 'shutdown' }))
      .then(leaves('shutdown'));
    given(state).when(deregisterNode(20, 'broken')).then(leaves('broken'));
    given(state).when(deregisterNode(20)).then(leaves('requested'));
  });

  it.each(Object.entries({ deregistering, deregistered }))('%s: it does so once', (_, state) => {
    given(state)
      .when(deregisterNode(20))
      .then({ rule: 'ignore_duplicate', ...UNTOUCHED });
    given(state)
      .when(introspection(20, { reason: 'shutdown' }))
      .then({ rule: 'ignore_duplicate', ...UNTOUCHED });
  });

  it('none: is not known', () => {
    given(null)
      .when(deregisterNode(20))
      .then({ rule: 'ignore_unknown_node', ...UNTOUCHED, correlationId: correlation(20) });
    given(null)
      .when(introspection(20, { reason: 'shutdown' }))
      .then({ rule: 'ignore_unknown_node', ...UNTOUCHED });
  });

  it('is gone when both backends have forgotten it', () => {
    given(deregistering)
      .when(completed(20, { attempt: 1, version: 4, kind: 'deregister', revision: 3 }))
      .then({
        rule: 'finish_deregistration',
        path: ['deregistered'],
        outputs: [out('NODE_DEREGISTERED', { nodeId: NODE, attemptId: id(1), reason: 'requested' })],
        deadline: null,
        ...OF_THE_FIRST,
        state: { consulRegistered: false, postgresRegistered: false, revision: 3 },
      });
  });

  it('is not gone by the progress of what came before', () => {
    given(deregistering)
      .when(completed(20, { attempt: 1, version: 1 }))
      .then({ rule: 'ignore_stale', ...UNTOUCHED });
    given(deregistering)
      .when(completed(20, { attempt: 1, version: 3, kind: 'deregister' }))
      .then({ rule: 'ignore_stale', ...UNTOUCHED });
  });
});

describe('pending_registration: the backends answer', () => {
  const completion = completed(20, { attempt: 1, version: 1 });

  it('both have confirmed', () => {
    given(pending)
      .when(completion)
      .then({
        rule: 'accept',
        path: ['accepted', 'awaiting_ack'],
        outputs: [accepted()],
        deadline: { kind: 'ack', afterMs: TIMINGS.ackTimeoutMs },
        used: { timings: TIMINGS },
        ...OF_THE_FIRST,
        state: {
          status: 'awaiting_ack',
          workflowVersion: 2,
          degraded: false,
          consulRegistered: true,
          postgresRegistered: true,
          revision: 1,
          registeredAt: at(20),
        },
      });
  });

  it('both have confirmed, and no acknowledgement is asked for', () => {
    given(pendingWaived)
      .when(completion)
      .then({
        rule: 'accept_waived',
        path: ['accepted', 'active'],
        outputs: [accepted({ ackTimeoutMs: null }), becameActive(2, null)],
        deadline: null,
        state: { status: 'active', workflowVersion: 2 },
      });
    given(pendingWaivedHeartbeat)
      .when(completion)
      .then({
        rule: 'accept_waived',
        outputs: [accepted({ ackTimeoutMs: null }), becameActive(2, at(20 + 47))],
        deadline: { kind: 'liveness', afterMs: TIMINGS.livenessWindowMs },
      });
  });

  it('one has confirmed: the other gets a bounded time', () => {
    given(pending)
      .when(partial(20, { attempt: 1, version: 1, confirmed: ['consul'] }))
      .then({
        rule: 'await_other_backend',
        path: [],
        outputs: [],
        deadline: { kind: 'degraded', afterMs: TIMINGS.degradedAcceptAfterMs },
        used: { timings: TIMINGS },
        state: {
          status: 'pending_registration',
          consulRegistered: true,
          postgresRegistered: false,
          registeredAt: null,
        },
      });
  });

  const degraded = { kind: 'degraded', at: at(25) } as const;

  it('the time is over', () => {
    given(pendingPartial)
      .when(deadlinePassed(26, 'degraded', at(25)), { deadline: degraded })
      .then({
        rule: 'accept_degraded',
        path: ['accepted', 'awaiting_ack'],
        outputs: [accepted({ consulRegistered: false })],
        deadline: { kind: 'ack', afterMs: TIMINGS.ackTimeoutMs },
        used: { timings: TIMINGS, deadline: degraded },
        ...OF_THE_FIRST,
        state: { degraded: true, consulRegistered: false, postgresRegistered: true, registeredAt: at(26) },
      });
    given(pendingWaivedPartial)
      .when(deadlinePassed(26, 'degraded', at(25)), { deadline: degraded })
      .then({
        rule: 'accept_degraded_waived',
        path: ['accepted', 'active'],
        outputs: [accepted({ ackTimeoutMs: null, consulRegistered: false }), becameActive(3, null)],
        deadline: null,
        state: { degraded: true },
      });
  });

  it('knows the deadline by its moment, not by how it is written', () => {
    given(pendingPartial)
      .when(deadlinePassed(26, 'degraded', '2026-11-21T11:00:25+01:00'), { deadline: degraded })
      .then({ rule: 'accept_degraded', outputs: [accepted({ consulRegistered: false })] });
  });

  it('the other has failed for good', () => {
    given(pending)
      .when(failed(20, { attempt: 1, version: 1, confirmed: ['consul'], errors: [POSTGRES_REFUSES] }))
      .then({
        rule: 'accept_degraded',
        path: ['accepted', 'awaiting_ack'],
        outputs: [accepted({ postgresRegistered: false })],
        deadline: { kind: 'ack', afterMs: TIMINGS.ackTimeoutMs },
        state: { degraded: true, consulRegistered: true, postgresRegistered: false },
      });
    given(pendingWaived)
      .when(failed(20, { attempt: 1, version: 1, confirmed: ['postgres'], errors: [CONSUL_REFUSES] }))
      .then({
        rule: 'accept_degraded_waived',
        outputs: [accepted({ ackTimeoutMs: null, consulRegistered: false }), becameActive(2, null)],
      });
  });

  it('nothing is confirmed: what may have been written is taken back', () => {
    const reason = 'CONSUL_VALIDATION_ERROR: invalid service name; POSTGRES_VALIDATION_ERROR: value too long';
    given(pending)
      .when(failed(20, { attempt: 1, version: 1, errors: [CONSUL_REFUSES, POSTGRES_REFUSES] }))
      .then({
        rule: 'fail_registration',
        path: ['rejected'],
        outputs: [refusal(1, 'registration_failed', reason), deregistrationInitiated(1, 2, 'registration_failed')],
        deadline: null,
        ...OF_THE_FIRST,
        state: { reason, requestVersion: 2 },
      });
  });

  it('progress of another attempt, version or kind means nothing', () => {
    for (const asked of [
      { attempt: 2, version: 1 },
      { attempt: 1, version: 2 },
      { attempt: 1, version: 1, kind: 'deregister' as const },
    ]) {
      for (const message of [partial(20, asked), completed(20, asked), failed(20, asked)]) {
        given(pending)
          .when(message)
          .then({ rule: 'ignore_stale', ignored: 'stale', ...UNTOUCHED });
      }
    }
  });
});

describe('degraded: the missing backend comes after all', () => {
  it.each(Object.entries({ awaitingAckDegraded, activeDegraded }))('%s converges, once', (_, state) => {
    const converges = given(state).when(completed(20, { attempt: 1, version: 1 }));
    converges.then({
      rule: 'converge',
      path: [],
      outputs: [out('NODE_REGISTRATION_CONVERGED', { nodeId: NODE, attemptId: id(1) })],
      deadline: 'keep',
      ...OF_THE_FIRST,
      state: { status: state.status, degraded: false, consulRegistered: true, postgresRegistered: true },
    });
    converges.when(completed(21, { attempt: 1, version: 1 })).then({ rule: 'ignore_duplicate', ...UNTOUCHED });
  });

  it('a node updated while degraded converges, and the update is told as well', () => {
    given(activeDegraded)
      .when(introspection(20, { metadata: {} }))
      .when(completed(21, { attempt: 1, version: 1 }))
      .when(completed(22, { attempt: 1, version: 4, kind: 'update', revision: 3 }))
      .then({
        rule: 'finish_update',
        outputs: [
          out('NODE_REGISTRATION_UPDATED', { nodeId: NODE, attemptId: id(1), revision: 3, changed: ['metadata'] }),
        ],
        state: { degraded: false, updates: [], revision: 3 },
      });
  });
});

describe('active: an update comes to an end', () => {
  const asked = { attempt: 1, version: 4, kind: 'update', revision: 3 } as const;

  it('both backends hold the changed record', () => {
    given(activeUpdating)
      .when(completed(20, asked))
      .then({
        rule: 'finish_update',
        path: [],
        outputs: [
          out('NODE_REGISTRATION_UPDATED', { nodeId: NODE, attemptId: id(1), revision: 3, changed: ['metadata'] }),
        ],
        deadline: 'keep',
        ...OF_THE_FIRST,
        state: { status: 'active', updates: [], revision: 3 },
      });
  });

  it('a backend refuses it: the node stays active', () => {
    given(activeUpdating)
      .when(failed(20, { ...asked, confirmed: ['postgres'], errors: [CONSUL_REFUSES] }))
      .then({
        rule: 'fail_update',
        path: [],
        outputs: [
          out('NODE_REGISTRATION_UPDATE_FAILED', {
            nodeId: NODE,
            attemptId: id(1),
            revision: 3,
            errors: [CONSUL_REFUSES],
          }),
        ],
        deadline: 'keep',
        state: { status: 'active', updates: [], degraded: false },
      });
  });

  it('progress of a later update answers the earlier ones, too', () => {
    given(activeUpdating)
      .when(introspection(20, { nodeVersion: '2.0.0', metadata: { team: 'video' } }))
      .when(completed(21, { ...asked, version: 5, revision: 4 }))
      .then({
        rule: 'finish_update',
        outputs: [
          out('NODE_REGISTRATION_UPDATED', {
            nodeId: NODE,
            attemptId: id(1),
            revision: 4,
            changed: ['metadata', 'node_version'],
          }),
        ],
        state: { updates: [] },
      });
  });

  it('is told once', () => {
    given(activeUpdating).when(completed(20, asked)).when(completed(21, asked)).then({ rule: 'ignore_too_early' });
    given(activeUpdating)
      .when(partial(20, asked))
      .then({ rule: 'ignore_too_early', ...UNTOUCHED });
  });
});

describe('awaiting_ack: the node says that it is ready, or does not', () => {
  it.each([
    ['naming the attempt', acked(20, 1)],
    ['naming none', acked(20)],
  ])('acknowledges, %s', (_, message) => {
    given(awaitingAck)
      .when(message)
      .then({
        rule: 'acknowledge',
        path: ['ack_received', 'active'],
        outputs: [
          out('NODE_REGISTRATION_ACK_RECEIVED', { nodeId: NODE, attemptId: id(1), livenessDeadline: at(20 + 47) }),
          becameActive(3, at(20 + 47)),
        ],
        deadline: { kind: 'liveness', afterMs: TIMINGS.livenessWindowMs },
        used: null,
        ...OF_THE_FIRST,
        state: { status: 'active', correlationId: correlation(1) },
      });
  });

  it('owes no heartbeats where liveness is none', () => {
    given(null)
      .when(registerNode(1, { acknowledgement: 'required' }))
      .when(completed(2, { attempt: 1, version: 1 }))
      .when(acked(20, 1))
      .then({
        rule: 'acknowledge',
        outputs: [
          out('NODE_REGISTRATION_ACK_RECEIVED', { nodeId: NODE, attemptId: id(1), livenessDeadline: null }),
          becameActive(3, null),
        ],
        deadline: null,
      });
  });

  it('a degraded node stays degraded', () => {
    given(awaitingAckDegraded)
      .when(acked(20, 1))
      .then({ rule: 'acknowledge', outputs: expect.anything() as never, state: { degraded: true } });
  });

  it('does not take the acknowledgement of another attempt', () => {
    given(awaitingAck)
      .when(acked(20, 2))
      .then({ rule: 'ignore_stale', ...UNTOUCHED });
  });

  it.each([
    ['pending', 'ignore_too_early', pending],
    ['active', 'ignore_duplicate', active],
    ['ackTimedOut', 'ignore_too_late', ackTimedOut],
    ['rejected', 'ignore_terminal', rejected],
    ['livenessExpired', 'ignore_terminal', livenessExpired],
    ['deregistered', 'ignore_terminal', deregistered],
    ['none', 'ignore_unknown_node', null],
  ] as const)('an acknowledgement in %s: %s', (_, rule, state) => {
    given(state)
      .when(acked(20, 1))
      .then({ rule, ...UNTOUCHED });
  });

  const deadline = { kind: 'ack', at: at(40) } as const;

  it('times out, and is shown the way to a retry', () => {
    given(awaitingAck)
      .when(deadlinePassed(41, 'ack', at(40)), { deadline })
      .then({
        rule: 'time_out_ack',
        path: ['ack_timed_out'],
        outputs: [
          out('NODE_REGISTRATION_ACK_TIMED_OUT', { nodeId: NODE, attemptId: id(1), deadlineAt: at(40) }),
          deregistrationInitiated(1, 3, 'ack_timeout'),
          out('REGISTRY_REQUEST_INTROSPECTION', { nodeId: NODE, targetNodeId: NODE }),
        ],
        deadline: null,
        used: { deadline },
        ...OF_THE_FIRST,
        state: { status: 'ack_timed_out', reason: 'ack_timeout', requestVersion: 3 },
      });
  });

  it.each([
    ['of another moment', { kind: 'ack', at: at(39) }],
    ['of another kind', { kind: 'liveness', at: at(40) }],
    ['of a deadline that is disarmed', null],
  ] as const)('a marker %s means nothing', (_, armed) => {
    given(awaitingAck)
      .when(deadlinePassed(41, 'ack', at(40)), { deadline: armed })
      .then({ rule: 'ignore_stale', ...UNTOUCHED });
  });
});

describe('active: the node gives signs of life, or does not', () => {
  it('a heartbeat moves the deadline, and nothing else', () => {
    given(active)
      .when(heartbeat(20))
      .then({
        rule: 'extend_liveness',
        path: [],
        deadline: { kind: 'liveness', afterMs: TIMINGS.livenessWindowMs },
        ignored: null,
        state: active,
      });
  });

  it.each([
    ['activeWithoutLiveness', 'ignore_duplicate', activeWithoutLiveness],
    ['pending', 'ignore_too_early', pending],
    ['awaitingAck', 'ignore_too_early', awaitingAck],
    ['livenessExpired', 'ignore_terminal', livenessExpired],
    ['none', 'ignore_unknown_node', null],
  ] as const)('a heartbeat in %s: %s', (_, rule, state) => {
    given(state)
      .when(heartbeat(20))
      .then({ rule, ...UNTOUCHED });
  });

  const deadline = { kind: 'liveness', at: at(60) } as const;

  it.each([null, at(45)])('expires, last heard of at %s', (lastHeartbeatAt) => {
    given(active)
      .when(deadlinePassed(61, 'liveness', at(60)), { deadline, lastHeartbeatAt })
      .then({
        rule: 'expire_liveness',
        path: ['liveness_expired'],
        outputs: [
          out('NODE_LIVENESS_EXPIRED', { nodeId: NODE, lastHeartbeatAt, deadlineAt: at(60) }),
          deregistrationInitiated(1, 4, 'liveness_expired'),
        ],
        deadline: null,
        used: { deadline, lastHeartbeatAt },
        ...OF_THE_FIRST,
        state: { status: 'liveness_expired', reason: 'liveness_expired' },
      });
  });

  it('expires, not heard of in this life: an earlier beat does not count', () => {
    const lastHeartbeatAt = at(-10);
    given(active)
      .when(deadlinePassed(61, 'liveness', at(60)), { deadline, lastHeartbeatAt })
      .then({
        rule: 'expire_liveness',
        path: ['liveness_expired'],
        outputs: [
          out('NODE_LIVENESS_EXPIRED', { nodeId: NODE, lastHeartbeatAt: null, deadlineAt: at(60) }),
          deregistrationInitiated(1, 4, 'liveness_expired'),
        ],
        deadline: null,
        used: { deadline, lastHeartbeatAt },
      });
  });

  it('a heartbeat before the marker has moved the deadline that it names', () => {
    given(active)
      .when(deadlinePassed(61, 'liveness', at(60)), { deadline: { kind: 'liveness', at: at(92) } })
      .then({ rule: 'ignore_stale', ...UNTOUCHED });
  });
});
