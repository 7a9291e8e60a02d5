import { describe, expect, it } from '@jest/globals';
import { decodeText, outputId, type Input } from '../../src/messages/index.js';
import { decideBatch, recordedOutputs } from '../../src/runtime/lanes/decide-batch.js';
import type { OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import type { Sent } from '../../src/runtime/lanes/local-delivery.js';
import { ContractViolation, type Machine } from '../../src/runtime/lanes/machine.js';
import { replay } from '../../src/runtime/replay/replay.js';
import type { MachineHandler, Step } from '../../src/runtime/lanes/step.js';
import * as build from '../support/builders.js';
import { machineNamed, messageIn, REGISTRY_ID, SHARED, Storage, taken } from '../support/machines.js';
import { TIMINGS } from '../support/workflow.js';

const { acked, at, completed, deadlinePassed, heartbeat, id, introspection, NODE } = build;

const orchestrator = machineNamed('orchestrator');
const reducer = machineNamed('reducer');
const FIRST = { attempt: 1, version: 1 };

/** Without what is for a consumer in the same process. */
function asRecord({ topic, key, value, headers }: Sent): OutgoingRecord {
  return { topic, key, value, headers };
}

function elsewhere<T extends Input>(message: T, nodeId: string): T {
  return { ...message, payload: { ...message.payload, nodeId } };
}

/** A machine one of whose handlers does something else. */
function withHandler(id: string, decide: MachineHandler['decide']): Machine {
  return machineNamed('orchestrator', (handler) => (handler.id === id ? { id, decide } : handler));
}

describe('a step becomes a row, a journal entry and records', () => {
  const storage = new Storage();
  const { changes, entries, outgoing } = storage.decide(orchestrator, taken(introspection(1), '00-trace-01'));

  it('the records carry what follows from the input', () => {
    expect(outgoing).toHaveLength(1);
    expect(outgoing[0]).toMatchObject({
      topic: 'evt.node-registration-initiated.v1',
      key: NODE,
      headers: {
        'content-type': 'application/json',
        event_type: 'NODE_REGISTRATION_INITIATED',
        correlation_id: build.correlation(1),
        traceparent: '00-trace-01',
      },
    });
    const message = messageIn(outgoing[0]!);
    expect(outgoing[0]?.message).toEqual(message);
    expect(message).toMatchObject({
      eventId: outputId(id(1), 'orchestrator', NODE, 0),
      eventTimestamp: at(1),
      sourceNodeId: REGISTRY_ID,
      correlationId: build.correlation(1),
      causationId: id(1),
    });
  });

  it('the entry tells the whole step', () => {
    expect(entries).toEqual([
      {
        machine: 'orchestrator',
        nodeId: NODE,
        eventId: id(1),
        version: 1,
        eventType: 'NODE_INTROSPECTION',
        input: taken(introspection(1)).text,
        context: null,
        rule: 'begin_attempt',
        fromStatus: 'none',
        path: 'none > pending_registration',
        toStatus: 'pending_registration',
        stateAfter: changes[0]?.text,
        outputs: `[{"topic":"evt.node-registration-initiated.v1","message":${String(outgoing[0]?.value)}}]`,
        correlationId: build.correlation(1),
        causationId: null,
        occurredAt: at(1),
        contractVersion: '1.0.0',
      },
    ]);
  });

  it('the row is new', () => {
    expect(changes).toMatchObject([
      {
        machine: 'orchestrator',
        nodeId: NODE,
        expectedVersion: 0,
        version: 1,
        status: 'pending_registration',
        state: { status: 'pending_registration', workflowVersion: 1 },
        text: JSON.stringify(changes[0]?.state),
        deadline: null,
      },
    ]);
  });

  it('the outputs of one step have ids of their own, in their order', () => {
    const ids = storage
      .decide(orchestrator, taken(completed(2, FIRST)), taken(acked(3)))
      .outgoing.map((record) => messageIn(record).eventId);
    expect(ids).toEqual([
      outputId(id(2), 'orchestrator', NODE, 0),
      outputId(id(3), 'orchestrator', NODE, 0),
      outputId(id(3), 'orchestrator', NODE, 1),
    ]);
  });

  it('journals the context that the step rests on', () => {
    expect(storage.journal.map(({ context }) => context)).toEqual([null, JSON.stringify({ timings: TIMINGS }), null]);
  });
});

describe('an input that was decided before', () => {
  const storage = new Storage();
  const life = [
    taken(introspection(1, { capabilities: { '10': 1e21, '2': 'ü😀', __proto__x: [0.1, -0], '"\\': '\u2028' } })),
    taken(completed(2, FIRST)),
    taken(acked(3)),
  ];
  const firstTime = storage.decide(orchestrator, ...life);

  it('puts out what was recorded, byte for byte, and changes nothing', () => {
    const again = storage.decide(orchestrator, ...life);
    expect(again.outgoing).toEqual(firstTime.outgoing.map(asRecord));
    expect(again).toMatchObject({ changes: [], read: [], entries: [], steps: [], rejected: [] });
    expect(again.repeated.map(({ message }) => message.eventId)).toEqual([id(1), id(2), id(3)]);
  });

  it('also when it is read from text of another form, with the trace of this delivery', () => {
    const again = storage.decide(orchestrator, { ...life[1]!, text: `  ${life[1]!.text}`, traceparent: '00-new-01' });
    expect(again.outgoing.map(({ value }) => value)).toEqual([firstTime.outgoing[1]?.value]);
    expect(again.outgoing[0]?.headers['traceparent']).toBe('00-new-01');
  });

  it('does not ask the handler', () => {
    const asks = machineNamed('orchestrator', ({ id: handlerId }) => ({
      id: handlerId,
      decide: () => {
        throw new Error('asked');
      },
    }));
    expect(storage.decide(asks, ...life).rejected).toEqual([]);
  });

  it('inside one batch, counts once', () => {
    const twice = new Storage().decide(orchestrator, life[0]!, life[0]!, life[1]!, life[0]!, life[1]!, life[2]!);
    expect(twice.outgoing).toEqual(firstTime.outgoing);
    expect(twice.entries).toHaveLength(3);
  });

  it('of another node is another input, even under the same id', () => {
    const { entries } = new Storage().decide(orchestrator, life[0]!, taken(elsewhere(introspection(1), 'node-2')));
    expect(entries.map(({ nodeId }) => nodeId)).toEqual([NODE, 'node-2']);
  });

  it('with recorded outputs of nothing, puts out nothing', () => {
    expect(recordedOutputs('[]', undefined)).toEqual([]);
  });
});

describe('several steps in a batch', () => {
  it('of one node chain their versions into one row', () => {
    const { changes, entries, steps } = new Storage().decide(
      orchestrator,
      taken(introspection(1)),
      taken(elsewhere(introspection(4), 'node-0')),
      taken(completed(2, FIRST)),
      taken(acked(3)),
    );
    expect(entries.map(({ nodeId, version, fromStatus, toStatus }) => [nodeId, version, fromStatus, toStatus])).toEqual(
      [
        [NODE, 1, 'none', 'pending_registration'],
        ['node-0', 1, 'none', 'pending_registration'],
        [NODE, 2, 'pending_registration', 'awaiting_ack'],
        [NODE, 3, 'awaiting_ack', 'active'],
      ],
    );
    expect(entries[2]?.path).toBe('pending_registration > accepted > awaiting_ack');
    expect(changes).toMatchObject([
      { nodeId: 'node-0', expectedVersion: 0, version: 1 },
      {
        nodeId: NODE,
        expectedVersion: 0,
        version: 3,
        deadline: { kind: 'liveness', afterMs: TIMINGS.livenessWindowMs },
      },
    ]);
    expect(steps.map(({ from }) => from)).toEqual(['none', 'none', 'pending_registration', 'awaiting_ack']);
  });

  it('give the same as one by one', () => {
    const life = [introspection(1), completed(2, FIRST), acked(3), introspection(4, { metadata: {} }), heartbeat(5)];
    const [together, oneByOne] = [new Storage(), new Storage()];
    const outgoing = together.decide(orchestrator, ...life.map((message) => taken(message))).outgoing;
    expect(life.flatMap((message) => oneByOne.decide(orchestrator, taken(message)).outgoing)).toEqual(outgoing);
    expect(oneByOne.journal).toEqual(together.journal);
    expect(oneByOne.rows).toEqual(together.rows);
  });

  it('a step that keeps the deadline keeps the one that was armed before it in the batch', () => {
    const { changes } = new Storage().decide(
      orchestrator,
      taken(introspection(1)),
      taken(completed(2, FIRST)),
      taken(acked(3)),
      taken(introspection(4, { metadata: {} })),
    );
    expect(changes).toMatchObject([{ version: 4, deadline: { kind: 'liveness', afterMs: TIMINGS.livenessWindowMs } }]);
  });

  it('a step that keeps the deadline does not bring back the one that was disarmed before it in the batch', () => {
    const storage = new Storage();
    storage.decide(
      orchestrator,
      taken(introspection(1, { incarnation: 1 })),
      taken(completed(2, FIRST)),
      taken(acked(3)),
    );
    const { changes, steps } = storage.decide(
      orchestrator,
      taken(introspection(4, { incarnation: 2 })),
      taken(introspection(5, { incarnation: 2, nodeType: 'unheard-of' })),
    );
    expect(steps.map(({ step }) => step.rule)).toEqual(['restart_attempt', 'refuse']);
    expect(changes).toMatchObject([{ status: 'pending_registration', deadline: null }]);
  });

  it('a deadline that is armed in the batch is not yet one that a marker can name', () => {
    const storage = new Storage();
    storage.decide(orchestrator, taken(introspection(1)), taken(completed(2, FIRST)));
    const before = storage.rowOf('orchestrator', NODE)?.deadline;
    expect(before).toEqual({ kind: 'ack', at: at(31) });
    const { steps } = storage.decide(
      orchestrator,
      taken(acked(3)),
      taken(deadlinePassed(4, 'ack', at(31))),
      taken(deadlinePassed(5, 'liveness', at(47))),
    );
    expect(steps.map(({ step }) => step.rule)).toEqual(['acknowledge', 'ignore_stale', 'ignore_stale']);
    expect(storage.decide(orchestrator, taken(deadlinePassed(6, 'liveness', at(47)))).steps[0]?.step.rule).toBe(
      'expire_liveness',
    );
  });
});

describe('what changes nothing', () => {
  it('is not journalled for a node without state, so that it can count later', () => {
    const storage = new Storage();
    const { entries, changes, outgoing, steps } = storage.decide(orchestrator, taken(acked(9)), taken(heartbeat(10)));
    expect([entries, changes, outgoing]).toEqual([[], [], []]);
    expect(steps.map(({ step }) => step.ignored)).toEqual(['unknown_node', 'unknown_node']);
    storage.decide(orchestrator, taken(introspection(1)), taken(completed(2, FIRST)));
    expect(storage.decide(orchestrator, taken(acked(9))).entries).toMatchObject([{ rule: 'acknowledge' }]);
  });

  it('is journalled for a node with state: without outputs, without a new version, and the row stays', () => {
    const storage = new Storage();
    storage.decide(orchestrator, taken(introspection(1)));
    const { entries, changes, outgoing } = storage.decide(orchestrator, taken(introspection(2)));
    expect(entries).toMatchObject([
      {
        version: 1,
        rule: 'ignore_duplicate',
        fromStatus: 'pending_registration',
        path: 'pending_registration',
        toStatus: 'pending_registration',
        stateAfter: null,
        outputs: '[]',
        correlationId: build.correlation(1),
      },
    ]);
    expect([changes, outgoing]).toEqual([[], []]);
    expect(storage.decide(orchestrator, taken(introspection(2))).repeated).toHaveLength(1);
  });

  it('rests on the row as it was read, which has to be the same when the step is stored', () => {
    const storage = new Storage();
    storage.decide(orchestrator, taken(introspection(1)), taken(completed(2, FIRST)));
    const { read } = storage.decide(orchestrator, taken(introspection(3)), taken(introspection(4)));
    expect(read).toEqual([{ machine: 'orchestrator', nodeId: NODE, version: 2 }]);
    const { read: withChange } = storage.decide(orchestrator, taken(introspection(5)), taken(acked(6)));
    expect(withChange).toEqual([]);
    expect(storage.decide(orchestrator, taken(heartbeat(7))).read).toEqual([]);
  });
});

describe('a deadline', () => {
  const pending = (): Storage => {
    const storage = new Storage();
    storage.decide(orchestrator, taken(introspection(1)));
    return storage;
  };
  const told = (...ns: readonly number[]) => ns.map((n) => ({ machine: 'orchestrator', nodeId: NODE, eventId: id(n) }));

  it('that an output tells of waits for it', () => {
    const { changes, announced } = pending().decide(orchestrator, taken(completed(2, FIRST)));
    expect(changes).toMatchObject([{ deadline: { kind: 'ack' }, announcedBy: id(2) }]);
    expect(announced).toEqual(told(2));
  });

  it('that nobody is told of begins at once', () => {
    const { changes, announced } = pending().decide(orchestrator, taken(build.partial(2, FIRST)));
    expect(changes).toMatchObject([{ deadline: { kind: 'degraded' }, announcedBy: null }]);
    expect(announced).toEqual([]);
  });

  it('waits for the last step that has set it, however many follow that keep it', () => {
    const { changes, announced } = pending().decide(
      orchestrator,
      taken(completed(2, FIRST)),
      taken(acked(3)),
      taken(introspection(4, { metadata: {} })),
    );
    expect(changes).toMatchObject([{ deadline: { kind: 'liveness' }, announcedBy: id(3) }]);
    expect(announced).toEqual(told(2, 3));
  });

  it('that a step takes away waits for nothing', () => {
    const { changes } = pending().decide(orchestrator, taken(completed(2, FIRST)), taken(build.deregisterNode(3)));
    expect(changes).toMatchObject([{ deadline: null, announcedBy: null }]);
  });

  it('may begin when an input comes again, as nobody knows how far the first time went', () => {
    const storage = pending();
    storage.decide(orchestrator, taken(completed(2, FIRST)));
    const { changes, announced } = storage.decide(orchestrator, taken(completed(2, FIRST)), taken(heartbeat(5)));
    expect([changes, announced]).toEqual([[], told(2)]);
  });
});

describe('a heartbeat that reaches the machine', () => {
  const active = (): Storage => {
    const storage = new Storage();
    storage.decide(orchestrator, taken(introspection(1)), taken(completed(2, FIRST)), taken(acked(3)));
    return storage;
  };

  it('changes nothing and leaves no trace, whether the node owes it or not: columns are moved before it comes here', () => {
    const pending = new Storage();
    pending.decide(orchestrator, taken(introspection(1)));
    for (const [storage, rule] of [
      [active(), 'extend_liveness'],
      [pending, 'ignore_too_early'],
    ] as const) {
      const decisions = storage.decide(orchestrator, taken(heartbeat(20)), taken(heartbeat(21)));
      expect(decisions).toMatchObject({ changes: [], read: [], entries: [], outgoing: [], announced: [] });
      expect(decisions.steps.map(({ step }) => step.rule)).toEqual([rule, rule]);
    }
  });

  it('is one like any other when it comes again', () => {
    const storage = active();
    storage.decide(orchestrator, taken(heartbeat(20)));
    expect(storage.decide(orchestrator, taken(heartbeat(20)))).toMatchObject({ repeated: [], steps: [{}] });
  });

  it('is told of by the step that ends the silence after it, as the row has it', () => {
    const storage = active();
    storage.hear('orchestrator', heartbeat(20));
    const { entries, outgoing } = storage.decide(orchestrator, taken(deadlinePassed(60, 'liveness', at(47))));
    expect(JSON.parse(entries[0]?.context ?? '')).toEqual({
      deadline: { kind: 'liveness', at: at(47) },
      lastHeartbeatAt: at(20),
    });
    expect(messageIn(outgoing[0]!).payload).toMatchObject({ lastHeartbeatAt: at(20), deadlineAt: at(47) });
  });
});

describe('a handler that fails', () => {
  const fails = withHandler('node-registration-acked', () => {
    throw new Error('password=s3cret is wrong');
  });

  it('rejects its message, redacted, and the rest of the batch goes on from where it was', () => {
    const storage = new Storage();
    const { rejected, entries, steps } = storage.decide(
      fails,
      taken(introspection(1)),
      taken(completed(2, FIRST)),
      taken(acked(3)),
      taken(build.deregisterNode(4)),
    );
    expect(rejected).toEqual([{ taken: { ...taken(acked(3)), machine: fails }, reason: 'password=*** is wrong' }]);
    expect(entries.map(({ version, rule }) => [version, rule])).toEqual([
      [1, 'begin_attempt'],
      [2, 'accept'],
      [3, 'begin_deregistration'],
    ]);
    expect(steps).toHaveLength(3);
  });

  it('leaves nothing behind, so that the message can be sent again', () => {
    const storage = new Storage();
    storage.decide(orchestrator, taken(introspection(1)), taken(completed(2, FIRST)));
    expect(storage.decide(fails, taken(acked(3)))).toMatchObject({ changes: [], entries: [], outgoing: [] });
    expect(storage.decide(orchestrator, taken(acked(3))).entries).toMatchObject([{ rule: 'acknowledge' }]);
  });
});

describe('a step that the contract does not have', () => {
  const real = machineNamed('orchestrator');
  const awaiting = new Storage();
  awaiting.decide(real, taken(introspection(1)), taken(completed(2, FIRST)));
  const context = { ...SHARED, deadline: null, lastHeartbeatAt: null };
  const good = real.decide(awaiting.rowOf('orchestrator', NODE)!.state, acked(3), context);

  it.each<[string, Partial<Step>, string]>([
    ['by an unknown rule', { rule: 'dream' }, '(awaiting_ack, NODE_REGISTRATION_ACKED) does not allow the rule dream'],
    ['by a rule of another pair', { rule: 'accept' }, 'does not allow the rule accept'],
    [
      'to another state',
      { path: ['ack_received', 'rejected'] },
      'the rule acknowledge does not lead from awaiting_ack by',
    ],
    ['by another way', { path: ['accepted', 'active'] }, 'the rule acknowledge does not lead from awaiting_ack by'],
    ['without its way', { path: ['active'] }, 'the rule acknowledge does not lead from awaiting_ack by'],
    ['that stays', { path: [] }, 'the rule acknowledge does not lead from awaiting_ack by'],
    [
      'with fewer outputs',
      { outputs: good.outputs.slice(1) },
      'the rule acknowledge does not put out NODE_BECAME_ACTIVE',
    ],
    ['with none', { outputs: [] }, 'the rule acknowledge does not put out'],
    ['in another order', { outputs: [...good.outputs].reverse() }, 'does not put out NODE_BECAME_ACTIVE, NODE_REG'],
  ])('%s is refused', (_, spoilt, problem) => {
    const machine = withHandler('node-registration-acked', () => ({ ...good, ...spoilt }));
    const decide = () => machine.decide(awaiting.rowOf('orchestrator', NODE)!.state, acked(3), context);
    expect(decide).toThrow(ContractViolation);
    expect(decide).toThrow(problem);
    const { rejected, changes, entries } = decideBatch([{ ...taken(acked(3)), machine }], awaiting.load(), SHARED);
    expect(rejected).toMatchObject([{ reason: expect.stringContaining(problem) }]);
    expect([changes, entries]).toEqual([[], []]);
  });

  it('from a state that nothing rests in is refused', () => {
    expect(() => real.decide({ status: 'dreaming' }, heartbeat(3), context)).toThrow(/dreaming/);
  });
});

describe('the journal', () => {
  const storage = new Storage();
  const life = [
    introspection(1),
    completed(2, FIRST),
    introspection(3),
    acked(4),
    heartbeat(5),
    introspection(6, { metadata: { team: 'video' } }),
    completed(7, { attempt: 1, version: 4, kind: 'update', revision: 3 }),
    deadlinePassed(60, 'liveness', at(47)),
    introspection(61, { incarnation: 101 }),
  ];
  for (const message of life) storage.decide(orchestrator, taken(message));

  it('folds from empty to the row, to the byte', () => {
    expect(replay(orchestrator, storage.journal, TIMINGS)).toEqual({
      state: JSON.stringify(storage.rowOf('orchestrator', NODE)?.state),
      version: 7,
      differences: [],
    });
  });

  it('that was tampered with is found out', () => {
    const spoilt = storage.journal.map((entry, index) =>
      index === 3 ? { ...entry, outputs: '[]', version: 9 } : index === 1 ? { ...entry, input: '{}' } : entry,
    );
    const { differences } = replay(orchestrator, spoilt, TIMINGS);
    expect(differences.join('\n')).toContain('the input cannot be read any more');
    expect(differences.join('\n')).toMatch(/NODE_REGISTRATION_ACKED .*: version was 9, is/);
  });

  it('holds for the reducer, too', () => {
    const reduced = new Storage();
    const inputs: readonly Input[] = [
      build.initiated(1, FIRST),
      build.consulHolds(2, 1),
      build.consulHolds(3, 1),
      build.postgresHolds(4, 1),
      build.becameActive(5, 1, 3),
    ];
    for (const message of inputs) reduced.decide(reducer, taken(message));
    expect(replay(reducer, reduced.journal, TIMINGS)).toEqual({
      state: JSON.stringify(reduced.rowOf('reducer', NODE)?.state),
      version: 4,
      differences: [],
    });
    expect(reduced.journal.map(({ path }) => path)).toEqual([
      'idle > pending',
      'pending > partial',
      'partial',
      'partial > complete',
      'complete > pending',
    ]);
    expect(reduced.journal.every(({ input }) => decodeText(input).ok)).toBe(true);
  });
});
