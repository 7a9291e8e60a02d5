import fc from 'fast-check';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import { reducerComponent } from '../../src/reducer/reducer.module.js';
import { FORMAT_VERSION, type JournalHeader } from '../../src/replay/journal-file.js';
import { createMachine, type History } from '../../src/runtime/index.js';
import { REGISTRY_SIGNER, type Input } from '../../src/messages/index.js';
import type { JournalEntry } from '../../src/runtime/journal/rows.js';
import type { Machine } from '../../src/runtime/lanes/machine.js';
import type { Authorship } from '../../src/runtime/lanes/step.js';
import type { WorkflowState } from '../../src/orchestrator/state.js';
import type { ReducerState } from '../../src/reducer/state.js';
import { KEY, OTHER_KEY } from '../support/builders.js';
import { workflowDraft } from '../support/orchestrator-lives.js';
import { REGISTRY_ID, Storage, taken } from '../support/machines.js';
import { desireDraft } from '../support/reducer-lives.js';

export type MachineName = 'orchestrator' | 'reducer';

const COMPONENTS = { orchestrator: orchestratorComponent, reducer: reducerComponent };

/** The machines of today, as the program has them. */
export const machines = (registryId: string = REGISTRY_ID): readonly Machine[] =>
  Object.values(COMPONENTS).map((component) => createMachine(component(), registryId));

export function contractVersions(): Record<MachineName, string> {
  return {
    orchestrator: COMPONENTS.orchestrator().contract.contract_version,
    reducer: COMPONENTS.reducer().contract.contract_version,
  };
}

export function headerOf(rollcall: string): JournalHeader {
  return {
    rollcallJournal: FORMAT_VERSION,
    rollcall,
    registryId: REGISTRY_ID,
    contractVersions: contractVersions(),
  };
}

/** A message for the node as it stands in storage; number `n` gives its ids and its time. */
type Speaker = (n: number, nodeId: string, storage: Storage) => Input;

const SPEAKERS: Readonly<Record<MachineName, fc.Arbitrary<Speaker>>> = {
  orchestrator: workflowDraft.map((draft) => (n, nodeId, storage) => {
    const row = storage.rowOf('orchestrator', nodeId);
    return draft(n, { nodeId, state: (row?.state ?? null) as WorkflowState | null, deadline: row?.deadline ?? null });
  }),
  reducer: desireDraft.map(
    (draft) => (n, nodeId, storage) =>
      draft(n, { nodeId, state: (storage.rowOf('reducer', nodeId)?.state ?? null) as ReducerState | null }),
  ),
};

const SEED = 20261121;
const LIVES = 1500;
const LENGTH = 40;

/**
 * Lives that the lane of a machine decided and journalled, as few as show every step that any of many random lives takes: each
 * (state, message, rule) at least once. The same on every run.
 */
export function recorded(name: MachineName): readonly History[] {
  const machine = createMachine(COMPONENTS[name](), REGISTRY_ID);
  const life = fc.array(SPEAKERS[name], { minLength: LENGTH, maxLength: LENGTH });
  const shown = new Set<string>();
  const histories = fc.sample(life, { numRuns: LIVES, seed: SEED }).flatMap((speakers, index) => {
    const number = index + 1;
    return lived(machine, `${name}-${String(number).padStart(4, '0')}`, speakers, number * 100, shown) ?? [];
  });
  return withoutNeedless(histories);
}

/** Whole lives in each mode of SIGNED_EVENTS, in which this one and that has signed. */
function authorshipOf(n: number): Authorship | undefined {
  const mode = ([undefined, 'warn', 'required'] as const)[Math.floor(n / 100) % 3];
  const signedBy = [KEY, KEY, REGISTRY_SIGNER, REGISTRY_SIGNER, null, OTHER_KEY][n % 6] ?? null;
  return mode === undefined ? undefined : { mode, signedBy };
}

/** The later ones show what is rare, and most of what is common with it. */
function withoutNeedless(histories: readonly History[]): readonly History[] {
  const shown = new Set<string>();
  const needed = histories.toReversed().filter(({ entries }) => {
    const before = shown.size;
    for (const entry of entries) shown.add(stepOf(entry));
    return shown.size > before;
  });
  return needed.toReversed();
}

/** Null when a life shows nothing new; one that does ends with the last new thing. */
function lived(
  machine: Machine,
  nodeId: string,
  life: readonly Speaker[],
  first: number,
  shown: Set<string>,
): History | null {
  const storage = new Storage();
  let history: History | null = null;
  for (const [index, speak] of life.entries()) {
    const message = taken(speak(first + index, nodeId, storage));
    const { entries } = storage.decide(machine, { ...message, authorship: authorshipOf(first + index) });
    if (entries.every((entry) => shown.has(stepOf(entry)))) continue;
    for (const entry of entries) shown.add(stepOf(entry));
    const row = storage.rowOf(machine.name, nodeId);
    if (row === undefined) throw new Error(`${nodeId} has a journal, but no state`);
    const stored = { version: row.version, state: JSON.stringify(row.state) };
    history = { machine: machine.name, nodeId, stored, entries: storage.entriesOf(machine.name) };
  }
  return history;
}

/** `state message rule`, as the contract's table has it. */
export function stepOf({ fromStatus, eventType, rule }: JournalEntry): string {
  return `${fromStatus} ${eventType} ${rule}`;
}
