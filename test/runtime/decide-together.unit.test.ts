import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encode, outputId, type Input } from '../../src/messages/index.js';
import type { WorkflowState } from '../../src/orchestrator/state.js';
import type { ReducerState } from '../../src/reducer/state.js';
import type { LoadedRows } from '../../src/runtime/journal/rows.js';
import { decideBatch } from '../../src/runtime/lanes/decide-batch.js';
import type { Machine } from '../../src/runtime/lanes/machine.js';
import { at, id, introspection, NODE, refused } from '../support/builders.js';
import { ByTheLog, orchestrator, reducer, refusing, takerOf, Together } from '../support/both-machines.js';
import { messageIn, SHARED, taken } from '../support/machines.js';
import { workflowDraft } from '../support/orchestrator-lives.js';
import { desireDraft } from '../support/reducer-lives.js';

const INITIATED = 'evt.node-registration-initiated.v1';

const NOTHING: LoadedRows = { rows: new Map(), outputs: new Map() };

describe('what the other machine of the process reads', () => {
  const storage = new Together();
  const { changes, entries, outgoing, announced, steps } = storage.decideWith(
    { ...SHARED, takerOf },
    orchestrator,
    taken(introspection(1), '00-trace-01'),
  );

  it('is taken in the same batch, behind its cause', () => {
    expect(entries.map(({ machine, rule, toStatus }) => [machine, rule, toStatus])).toEqual([
      ['orchestrator', 'begin_attempt', 'pending_registration'],
      ['reducer', 'desire_record', 'pending'],
    ]);
    expect(steps.map(({ taken: { machine } }) => machine.name)).toEqual(['orchestrator', 'reducer']);
  });

  it('changes both rows, in the order in which rows are locked', () => {
    expect(
      changes.map(({ machine, expectedVersion, version, status }) => [machine, expectedVersion, version, status]),
    ).toEqual([
      ['orchestrator', 0, 1, 'pending_registration'],
      ['reducer', 0, 1, 'pending'],
    ]);
  });

  it('is published like all others, and marked as taken; what follows from it is to be handed over', () => {
    expect(outgoing.map(({ topic, taken: isTaken, message }) => [topic, isTaken, message?.eventType])).toEqual([
      [INITIATED, true, undefined],
      ['intent.consul.v1', undefined, 'CONSUL_INTENT'],
      ['intent.postgres.v1', undefined, 'POSTGRES_INTENT'],
    ]);
  });

  it('is journalled as it stands in the log', () => {
    expect(entries[1]?.input).toBe(outgoing[0]?.value);
    expect(entries[1]).toMatchObject({
      eventId: outputId(id(1), 'orchestrator', NODE, 0),
      causationId: id(1),
      correlationId: entries[0]?.correlationId,
    });
  });

  it('occurred when its cause did, and so did what follows from it', () => {
    expect(entries.map(({ occurredAt }) => occurredAt)).toEqual([at(1), at(1)]);
    expect(outgoing.map((record) => messageIn(record).eventTimestamp)).toEqual([at(1), at(1), at(1)]);
  });

  it('passes the trace on', () => {
    expect(outgoing.map(({ headers }) => headers['traceparent'])).toEqual(Array(3).fill('00-trace-01'));
  });

  it('begins no deadline that its cause does not set', () => {
    expect(announced).toEqual([]);
  });
});

describe('what the other machine takes at once', () => {
  it('may lead back to the first, and the versions of each chain into one row', () => {
    const storage = new Together();
    storage.take(orchestrator, introspection(1));
    storage.take(reducer, refused(2, 'consul', 1));
    const { entries, changes } = storage.take(reducer, refused(3, 'postgres', 1));
    expect(entries.map(({ machine, rule, version }) => [machine, rule, version])).toEqual([
      ['reducer', 'report_failure', 3],
      ['orchestrator', 'fail_registration', 2],
      ['reducer', 'desire_absence', 4],
    ]);
    expect(changes.map(({ machine, expectedVersion, version }) => [machine, expectedVersion, version])).toEqual([
      ['orchestrator', 1, 2],
      ['reducer', 2, 4],
    ]);
  });

  it('is not decided again when its cause comes again', () => {
    const storage = new Together();
    const [initiated] = storage.take(orchestrator, introspection(1)).outgoing;
    const again = storage.take(orchestrator, introspection(1));
    expect(again).toMatchObject({ changes: [], entries: [], steps: [] });
    expect(again.outgoing.map(({ value, taken: isTaken }) => [value, isTaken])).toEqual([
      [initiated?.value, undefined],
    ]);
  });

  it('is decided once where a copy of it stands in the same batch', () => {
    const cause = introspection(1);
    const alone = new Together();
    const { outgoing } = alone.take(orchestrator, cause);
    const copy = taken({ ...messageIn(outgoing[0]!), appendedAt: cause.appendedAt + 5 });
    const batch = [
      { ...taken(cause), machine: orchestrator },
      { ...copy, machine: reducer },
    ];
    const { entries, repeated, rejected } = decideBatch(batch, NOTHING, { ...SHARED, takerOf });
    expect(entries).toEqual(alone.journal);
    expect([repeated, rejected]).toEqual([[], []]);
  });

  it('is left to the log where its handler fails, and its cause stands', () => {
    const storage = new Together();
    const { entries, changes, rejected, outgoing } = storage.take(orchestrator, introspection(1), {
      takerOf: (topic) => (topic === INITIATED ? refusing : null),
    });
    expect(entries.map(({ machine }) => machine)).toEqual(['orchestrator']);
    expect(changes.map(({ machine }) => machine)).toEqual(['orchestrator']);
    expect(rejected).toEqual([]);
    expect(outgoing.map(({ taken: isTaken, message }) => [isTaken, message?.eventType])).toEqual([
      [undefined, 'NODE_REGISTRATION_INITIATED'],
    ]);
  });

  it('is what this process reads of the topic under this key, and nothing else', () => {
    const asked: string[] = [];
    const { outgoing } = new Together().take(orchestrator, introspection(1), {
      takerOf: (topic, key) => {
        asked.push(`${topic} ${key}`);
        return null;
      },
    });
    expect(asked).toEqual([`${INITIATED} ${NODE}`]);
    expect(outgoing.map(({ taken: isTaken, message }) => [isTaken, message?.eventType])).toEqual([
      [undefined, 'NODE_REGISTRATION_INITIATED'],
    ]);
  });
});

describe('two machines in one process', () => {
  const LENGTH = 30;
  type Speaker = (n: number, storage: Together) => readonly [Machine, Input];

  const toOrchestrator: fc.Arbitrary<Speaker> = workflowDraft.map((draft) => (n, storage) => {
    const row = storage.rowOf('orchestrator', NODE);
    const state = (row?.state ?? null) as WorkflowState | null;
    return [orchestrator, draft(n, { nodeId: NODE, state, deadline: row?.deadline ?? null })];
  });
  const toReducer: fc.Arbitrary<Speaker> = desireDraft.map((draft) => (n, storage) => {
    const state = (storage.rowOf('reducer', NODE)?.state ?? null) as ReducerState | null;
    return [reducer, draft(n, { nodeId: NODE, state })];
  });
  const life = fc.array(fc.oneof(toOrchestrator, toReducer), { minLength: LENGTH, maxLength: LENGTH });

  it('leave the same, to the byte, whether they hear each other at once or by way of the log', () => {
    let takenAtOnce = 0;
    fc.assert(
      fc.property(life, (speakers) => {
        const together = new Together();
        const apart = new ByTheLog();
        for (const [index, speak] of speakers.entries()) {
          const [machine, message] = speak(index + 1, together);
          const { outgoing } = together.take(machine, message);
          takenAtOnce += outgoing.filter((record) => record.taken === true).length;
          const published = apart.take(machine, message);
          expect(outgoing.map(({ value }) => value).sort()).toEqual(published.map(encode).sort());
        }
        for (const { name } of [orchestrator, reducer]) {
          expect(together.entriesOf(name)).toEqual(apart.entriesOf(name));
        }
        expect(together.rows).toEqual(apart.rows);
      }),
      { numRuns: 60 },
    );
    expect(takenAtOnce).toBeGreaterThan(60);
  });
});
