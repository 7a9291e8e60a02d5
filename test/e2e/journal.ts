import type pg from 'pg';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import { reducerComponent } from '../../src/reducer/reducer.module.js';
import { createMachine, verifyJournal } from '../../src/runtime/index.js';

/** Where a registry keeps its journal, and the name in which it speaks. */
export type Journalled = { readonly database: pg.Pool; readonly registryId: string };

/** Folds the whole journal from empty, and compares with machine_states, to the byte. Returns what differs. */
export async function replayProblems({
  database,
  registryId,
}: Journalled): Promise<{ nodes: number; entries: number; problems: readonly string[] }> {
  const machines = [orchestratorComponent(), reducerComponent()].map((component) =>
    createMachine(component, registryId),
  );
  const { states, entries, problems } = await verifyJournal({ pool: database }, { machines });
  return { nodes: states, entries, problems: problems.slice(0, 5) };
}
