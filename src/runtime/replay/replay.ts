import { decodeText } from '../../messages/index.js';
import { rowKey, type JournalEntry } from '../journal/rows.js';
import { decideBatch } from '../lanes/decide-batch.js';
import type { Machine } from '../lanes/machine.js';
import type { MachineState, StepContext, Timings } from '../lanes/step.js';
import type { Difference } from './differences.js';

type End = {
  /** JSON text of the state after the last entry; null when there is none. */
  readonly state: string | null;
  readonly version: number;
};

/** What today's code does differently from what was recorded, in words; empty when nothing. */
export type Replayed = End & { readonly differences: readonly string[] };

const COMPARED = [
  'version',
  'rule',
  'fromStatus',
  'path',
  'toStatus',
  'stateAfter',
  'outputs',
  'correlationId',
  'causationId',
] as const satisfies readonly (keyof JournalEntry)[];

/**
 * Folds the journal of one node from empty through today's code, and compares every step with what was recorded: states,
 * outputs, ids and times, to the byte. `entries` are those of one machine and node, oldest first.
 */
export function replay(machine: Machine, entries: readonly JournalEntry[], timings: Timings): Replayed {
  const { differences, ...end } = compareSteps(machine, entries, timings);
  return { ...end, differences: differences.map(({ text }) => text) };
}

/** As {@link replay}, with more than words. Behind a step that differs the fold goes on from what was recorded, so it is told once. */
export function compareSteps(
  machine: Machine,
  entries: readonly JournalEntry[],
  timings: Timings,
): End & { readonly differences: readonly Difference[] } {
  const differences: Difference[] = [];
  let state: MachineState = null;
  let version = 0;
  for (const entry of entries) {
    const decided = decideAgain(machine, entry, state, version, timings);
    const found = typeof decided === 'string' ? [{ field: 'step', text: decided }] : fieldsThatDiffer(entry, decided);
    const origin = { machine: machine.name, recordedBy: entry.contractVersion, rule: entry.rule };
    for (const { field, text } of found) {
      differences.push({ ...origin, field, text: `${entry.eventType} ${entry.eventId}: ${text}` });
    }
    const after = typeof decided === 'string' || found.length > 0 ? entry : decided;
    version = after.version;
    // States come back from storage as text: a fold has to live with that, too.
    if (after.stateAfter !== null) state = JSON.parse(after.stateAfter) as MachineState;
  }
  return { state: state === null ? null : JSON.stringify(state), version, differences };
}

function fieldsThatDiffer(entry: JournalEntry, decided: JournalEntry): readonly Pick<Difference, 'field' | 'text'>[] {
  return COMPARED.filter((field) => decided[field] !== entry[field]).map((field) => ({
    field,
    text: difference(field, entry[field], decided[field]),
  }));
}

const BEFORE = 60;
const AFTER = 100;

/** Of two texts, the part in which they begin to differ: states and outputs are long, and one field of them tells. */
export function difference(what: string, recorded: unknown, decided: unknown): string {
  const was = String(recorded);
  const is = String(decided);
  let at = 0;
  while (at < was.length && was[at] === is[at]) at += 1;
  return `${what} was ${excerpt(was, at)}, is ${excerpt(is, at)}`;
}

function excerpt(text: string, at: number): string {
  const from = Math.max(0, at - BEFORE);
  const to = at + AFTER;
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}

function decideAgain(
  machine: Machine,
  entry: JournalEntry,
  state: MachineState,
  version: number,
  timings: Timings,
): JournalEntry | string {
  const decoded = decodeText(entry.input);
  if (!decoded.ok) return `the input cannot be read any more: ${decoded.reason}`;
  const used = entry.context === null ? {} : (JSON.parse(entry.context) as Partial<StepContext>);
  const appendedAt = Date.parse(entry.occurredAt);
  const row = { version, state, deadline: used.deadline ?? null, lastHeartbeatAt: used.lastHeartbeatAt ?? null };
  const { entries, rejected } = decideBatch(
    [
      {
        machine,
        message: { ...decoded.message, appendedAt },
        text: entry.input,
        traceparent: undefined,
        authorship: used.authorship,
      },
    ],
    { rows: new Map([[rowKey(machine.name, entry.nodeId), row]]), outputs: new Map() },
    { timings: used.timings ?? timings, fleetSize: used.fleetSize ?? null },
  );
  return entries[0] ?? rejected[0]?.reason ?? 'is not recorded any more';
}
