import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Journal } from '../../src/runtime/journal/journal.js';
import { rowKey, type LoadedRows } from '../../src/runtime/journal/rows.js';
import type { Written } from '../../src/runtime/journal/transact.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { describeStack } from '../support/stack.js';

const MACHINE = 'orchestrator';
const NODES = ['counted-a', 'counted-b', 'counted-c'];
const STEPS = 40;

/** A step that counts: what it stores rests on what it was given. */
function count({ rows }: LoadedRows, nodeId: string, eventId: string): Written {
  const row = rows.get(rowKey(MACHINE, nodeId));
  const version = (row?.version ?? 0) + 1;
  const state = {
    status: 'counting',
    count: ((row?.state as { count?: number } | null | undefined)?.count ?? 0) + 1,
  };
  const text = JSON.stringify(state);
  const entry = {
    machine: MACHINE,
    nodeId,
    eventId,
    version,
    eventType: 'NODE_INTROSPECTION',
    input: '{}',
    context: null,
    rule: 'count',
    fromStatus: 'none',
    path: 'none > counting',
    toStatus: 'counting',
    stateAfter: text,
    outputs: '[]',
    correlationId: eventId,
    causationId: null,
    occurredAt: '2026-11-21T10:00:00.000Z',
    contractVersion: '1.0.0',
  };
  return {
    changes: [
      {
        machine: MACHINE,
        nodeId,
        expectedVersion: row?.version ?? 0,
        version,
        status: 'counting',
        state,
        text,
        deadline: null,
        announcedBy: null,
      },
    ],
    read: [],
    entries: [entry],
  };
}

describeStack('the journal, with two replicas on one node at the same time', ['postgres'], () => {
  let state: StateDatabase;

  beforeAll(async () => {
    state = await createStateDatabase();
  });
  afterAll(() => state.drop());

  it('decides each step from the one before: none is lost, and none is decided from the same state twice', async () => {
    const replicas = [new Journal(state.database), new Journal(state.database)];
    await Promise.all(
      NODES.flatMap((nodeId) =>
        replicas.map(async (journal) => {
          for (let step = 0; step < STEPS; step++) {
            const eventId = randomUUID();
            const inputs = [{ machine: MACHINE, nodeId, eventId }];
            await journal.transact({ inputs, machines: [MACHINE], looksAtDeadlines: false }, (loaded) =>
              count(loaded, nodeId, eventId),
            );
          }
        }),
      ),
    );
    const { rows } = await state.database.pool.query<{ count: number; version: number; steps: number }>(
      `select (s.state::json ->> 'count')::int as count, s.version, count(distinct j.version)::int as steps
       from machine_states s join journal j using (machine, node_id)
       group by s.node_id, s.version, s.state::json ->> 'count'`,
    );
    const all = 2 * STEPS;
    expect(rows).toEqual(NODES.map(() => ({ count: all, version: all, steps: all })));
  });
});
