import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { Ear } from './ear.js';
import { replayProblems } from './journal.js';
import { say } from './node-message.js';
import { build, Rollcall } from './rollcall.js';
import { doubleIds, World } from './world.js';

const NODES = 500;
const ACK_TIMEOUT_MS = 15_000;
/** Acks land so long before and after their deadline: on both sides of the marker, which follows it within a scan or two. */
const EARLY_MS = 60;
const LATE_MS = 240;
/** Longer than a busy machine stands still. */
const SURE_MS = 12_000;
const LONG_AGO = 1;

describeStack('ack and timeout race', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;
  let ear: Ear;

  beforeAll(async () => {
    await build();
    world = await World.create();
    rollcall = await Rollcall.start({
      ...world.environment,
      // Nobody beats here, and nobody is to expire.
      ...LONG_TIMES,
      ACK_TIMEOUT_MS: String(ACK_TIMEOUT_MS),
      DEADLINE_SCAN_INTERVAL_MS: '100',
    });
    ear = await Ear.open(world);
  });

  afterAll(async () => {
    await rollcall?.stop();
    await ear?.close();
    await world?.close();
  });

  it('500 times, with one outcome each: the one whose message is first in the log', async () => {
    const nodeIds = Array.from({ length: NODES }, (_, index) => `racer-${index}`);
    await Promise.all(nodeIds.map((nodeId, index) => race(nodeId, index)));
    await until(
      async () =>
        (
          await world.rows(
            `select node_id from journal where machine = 'orchestrator' and event_type = 'NODE_REGISTRATION_ACKED'`,
          )
        ).length === NODES,
      { what: 'a decision on every ack' },
    );
    const outcomes = await Promise.all(nodeIds.map((nodeId) => outcomeOf(nodeId)));
    expect(outcomes.filter(({ happened, due }) => happened !== due)).toEqual([]);
    const states = await world.rows<{ node_id: string; status: string }>(
      `select node_id, status from machine_states where machine = 'orchestrator'`,
    );
    const expected = new Map(outcomes.map(({ nodeId, happened }) => [nodeId, happened]));
    expect(states.filter(({ node_id: nodeId, status }) => expected.get(nodeId) !== status)).toEqual([]);
    expect(states).toHaveLength(NODES);
    // A race that only one of them can win is none.
    expect(new Set(expected.values())).toEqual(new Set(['active', 'ack_timed_out']));
    expect(doubleIds(await world.read())).toEqual([]);
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  /** One node whose ack comes about when its time is over. */
  async function race(nodeId: string, index: number): Promise<void> {
    await sleep(index * 4);
    const { topic, record } = say(nodeId, 'NODE_INTROSPECTION', { node_type: 'effect' });
    await world.append(topic, record.key, record.value);
    const accepted = await ear.until(nodeId, 'NODE_REGISTRATION_ACCEPTED');
    // It begins once ACCEPTED is in the log, where the ear may have heard it first.
    const deadlineAt = await until(() => ackDeadlineOf(nodeId), {
      everyMs: 100,
      what: `the ack deadline of ${nodeId}`,
    });
    const ack = say(nodeId, 'NODE_REGISTRATION_ACKED', { attempt_id: accepted.envelope.payload['attempt_id'] });
    await sleep(Math.max(0, deadlineAt + jitterOf(index) - Date.now()));
    await world.append(ack.topic, ack.record.key, ack.record.value);
  }

  /** Epoch milliseconds; null while it has not begun, long ago where it is over already. */
  async function ackDeadlineOf(nodeId: string): Promise<number | null> {
    const [row] = await world.rows<{ deadline_kind: string | null; deadline_at: Date | null }>(
      `select deadline_kind, deadline_at from machine_states where machine = 'orchestrator' and node_id = $1`,
      [nodeId],
    );
    return row?.deadline_kind === 'ack' ? (row.deadline_at?.getTime() ?? null) : LONG_AGO;
  }

  /** Around the deadline, spread evenly, each neighbour far from the last; some so far from it that both outcomes are sure to come. */
  function jitterOf(index: number): number {
    if (index % 25 === 0) return -SURE_MS;
    if (index % 25 === 1) return SURE_MS;
    return ((index * 197) % NODES) * ((EARLY_MS + LATE_MS) / NODES) - EARLY_MS;
  }

  /** What happened to a node, and what the order of the log says should have. */
  async function outcomeOf(nodeId: string): Promise<{ nodeId: string; happened: string; due: string }> {
    await ear.until(nodeId, 'NODE_REGISTRATION_ACKED');
    const ofAcks = ear.of(nodeId).filter(({ topic }) => topic === 'cmd.node-registration-acked.v1');
    const [first] = [...ofAcks].sort((a, b) => Number(a.offset) - Number(b.offset));
    const due = first?.envelope.event_type === 'DEADLINE_PASSED' ? 'ack_timed_out' : 'active';
    await ear.until(nodeId, due === 'active' ? 'NODE_BECAME_ACTIVE' : 'NODE_REGISTRATION_ACK_TIMED_OUT');
    const happened = [
      ...ear.of(nodeId, 'NODE_BECAME_ACTIVE').map(() => 'active'),
      ...ear.of(nodeId, 'NODE_REGISTRATION_ACK_TIMED_OUT').map(() => 'ack_timed_out'),
    ].join(' and ');
    return { nodeId, happened, due };
  }
});
