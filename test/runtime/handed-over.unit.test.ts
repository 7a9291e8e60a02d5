import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, encode, type Input, type Message } from '../../src/messages/index.js';
import type { WorkflowState } from '../../src/orchestrator/state.js';
import type { ReducerState } from '../../src/reducer/state.js';
import { NODE } from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { machineNamed, Storage, taken } from '../support/machines.js';
import { workflowDraft } from '../support/orchestrator-lives.js';
import { desireDraft } from '../support/reducer-lives.js';

type Speaker = (n: number, storage: Storage) => Input;

const LIVES = 120;
const LENGTH = 30;

const SPEAKERS = {
  orchestrator: workflowDraft.map((draft) => (n: number, storage: Storage) => {
    const row = storage.rowOf('orchestrator', NODE);
    return draft(n, {
      nodeId: NODE,
      state: (row?.state ?? null) as WorkflowState | null,
      deadline: row?.deadline ?? null,
    });
  }),
  reducer: desireDraft.map((draft) => (n: number, storage: Storage) => {
    const state = (storage.rowOf('reducer', NODE)?.state ?? null) as ReducerState | null;
    return draft(n, { nodeId: NODE, state });
  }),
} as const satisfies Record<string, fc.Arbitrary<Speaker>>;

/** What a machine put out in random lives, as the objects that are handed over. The same on every run. */
function outputsOf(name: keyof typeof SPEAKERS): readonly Message[] {
  const machine = machineNamed(name);
  const life = fc.array<Speaker>(SPEAKERS[name], { minLength: LENGTH, maxLength: LENGTH });
  return fc.sample(life, { numRuns: LIVES, seed: 20261121 }).flatMap((speakers) => {
    const storage = new Storage();
    return speakers.flatMap((say, index) => {
      const { outgoing } = storage.decide(machine, taken(say(index + 1, storage)));
      return outgoing.flatMap(({ message }) => message ?? []);
    });
  });
}

/** As it comes from the log. */
function readBack(message: Message): Message {
  const decoded = decodeText(encode(message));
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.message;
}

/** States and journals must come out the same to the byte, whether a message was handed over or read: so must it, in its order. */
describe.each(['orchestrator', 'reducer'] as const)('what the %s puts out', (name) => {
  const messages = outputsOf(name);

  it('is all that it can put out', () => {
    const { publishes } = contractOf(name);
    const types = publishes.flatMap((entry) => entry.messages).filter((type) => type !== 'DEADLINE_PASSED');
    expect([...new Set(messages.map(({ eventType }) => eventType))].sort()).toEqual([...new Set(types)].sort());
  });

  it('says the same, in the same order, whether it is handed over or read from the log', () => {
    for (const message of messages) expect(JSON.stringify(message)).toBe(JSON.stringify(readBack(message)));
  });
});
