import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import { reducerComponent } from '../../src/reducer/reducer.module.js';
import { readJournalFile } from '../../src/replay/read-journal-file.js';
import { writeJournalFile } from '../../src/replay/write-journal-file.js';
import {
  createMachine,
  DeclaredDifferences,
  readHistories,
  verifyHistories,
  verifyJournal,
} from '../../src/runtime/index.js';
import { Orchestrated } from '../api/commands-orchestrated.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { TestBus } from '../api/test-app.js';
import { machineNamed } from '../support/machines.js';
import { describeStack } from '../support/stack.js';
import { headerOf } from './recording.js';

/** More than a page of histories. */
const NODES = 230;

describeStack('the journal, folded through the code of today', ['postgres'], () => {
  const machines = [orchestratorComponent(), reducerComponent()].map((component) =>
    createMachine(component, machineNamed('orchestrator').registryId),
  );
  let state: StateDatabase;

  beforeAll(async () => {
    state = await createStateDatabase();
    const orchestrated = new Orchestrated(state, new TestBus());
    for (let index = 0; index < NODES; index++) await orchestrated.activate(`node-${String(index).padStart(3, '0')}`);
  });

  afterAll(() => state?.drop());

  const sql = (text: string) => state.database.pool.query(text);
  const verify = (nodeId?: string) =>
    verifyJournal(state.database, { machines, ...(nodeId === undefined ? {} : { nodeId }) });

  beforeEach(async () => {
    await sql('drop table if exists kept_states, kept_journal');
    await sql('create table kept_states as select * from machine_states');
  });

  /** Puts right what a test damaged. */
  const damaged = async (damage: string, mend: string): ReturnType<typeof verify> => {
    await sql(damage);
    try {
      return await verify();
    } finally {
      await sql(mend);
    }
  };

  it('is what was stored, every step of every node', async () => {
    const told: number[] = [];
    const verified = await verifyJournal(state.database, { machines, progress: (states) => told.push(states) });
    expect(verified).toEqual({ states: NODES, entries: 2 * NODES, problems: [], problemCount: 0, declared: 0 });
    expect(told).toEqual(Array.from({ length: NODES }, (_, index) => index + 1));
  });

  it('goes through a file, and is folded from there without the database', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-export-'));
    try {
      const path = join(folder, 'journal.jsonl.gz');
      const written = await writeJournalFile(path, headerOf('0.1.0'), readHistories(state.database, null));
      const { histories } = await readJournalFile(path);
      const verified = await verifyHistories(histories, { machines, declared: new DeclaredDifferences([]) });
      expect(written).toEqual({ states: NODES, entries: 2 * NODES });
      expect(verified).toEqual({ states: NODES, entries: 2 * NODES, problems: [], problemCount: 0, declared: 0 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('can be asked about one node', async () => {
    expect(await verify('node-007')).toMatchObject({ states: 1, entries: 2, problemCount: 0 });
    expect(await verify('nobody')).toMatchObject({ states: 0, entries: 0, problemCount: 0 });
  });

  it('shows a state that is not what its steps lead to', async () => {
    const { problems, problemCount } = await damaged(
      `update machine_states set state = replace(state, '"active"', '"rejected"') where node_id = 'node-011'`,
      `update machine_states s set state = k.state from kept_states k where k.node_id = s.node_id and k.machine = s.machine`,
    );
    expect(problemCount).toBe(1);
    expect(problems[0]).toMatch(/^orchestrator of node-011: the end was 2 .*"rejected".*, is 2 .*"active"/s);
  });

  it('shows an output that today would be another', async () => {
    const { problems } = await damaged(
      `update journal set outputs = replace(outputs, 'NODE_BECAME_ACTIVE', 'NODE_BECAME_ACTIVF') where node_id = 'node-012'`,
      `update journal set outputs = replace(outputs, 'NODE_BECAME_ACTIVF', 'NODE_BECAME_ACTIVE') where node_id = 'node-012'`,
    );
    expect(problems).toEqual([
      expect.stringMatching(/^orchestrator of node-012: REGISTRATION_COMPLETED .*: outputs was/),
    ]);
  });

  it('shows steps that are missing, and counts more than it lists', async () => {
    const first = `event_type = 'REGISTER_NODE' and node_id < 'node-150'`;
    const { problems, problemCount } = await damaged(
      `create table kept_journal as select * from journal where ${first}; delete from journal where ${first}`,
      'insert into journal overriding system value select * from kept_journal',
    );
    expect(problemCount).toBeGreaterThanOrEqual(150);
    expect(problems).toHaveLength(100);
    expect(problems[0]).toMatch(/^orchestrator of node-000: /);
  });
});
