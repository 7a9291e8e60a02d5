import type { Input } from '../../src/messages/index.js';
import { stepOf, type WorkflowStep, type WorkflowStepRow } from '../../src/api/read/workflow-steps.js';
import type { JournalEntry } from '../../src/runtime/journal/rows.js';
import { machineNamed, Storage, taken } from '../support/machines.js';

/** The journal that the real orchestrator leaves of these messages. */
export function journalOf(messages: readonly Input[]): readonly JournalEntry[] {
  const storage = new Storage();
  const machine = machineNamed('orchestrator');
  for (const message of messages) storage.decide(machine, taken(message));
  return storage.journal;
}

/** What the api reads of a journal, from the entry of the message `commandId`. */
export function stepsFrom(commandId: string, journal: readonly JournalEntry[]): readonly WorkflowStep[] {
  const first = journal.findIndex(({ eventId }) => eventId === commandId);
  return first === -1
    ? []
    : journal.slice(first).map((entry, index) => stepOf(rowOf(entry, stateBefore(journal, first + index))));
}

type State = Readonly<Record<string, unknown>> | null;

function stateAfter({ stateAfter: text }: JournalEntry): State {
  return text === null ? null : (JSON.parse(text) as State);
}

function stateBefore(journal: readonly JournalEntry[], index: number): State {
  return stateAfter(journal.slice(0, index).findLast((entry) => entry.stateAfter !== null) ?? journal[index]!);
}

type Parsed = { readonly [name: string]: Parsed } & readonly Parsed[];

/** As PostgreSQL takes the columns from the stored JSON. */
function rowOf(entry: JournalEntry, before: State): WorkflowStepRow {
  const state = stateAfter(entry);
  const held = state ?? before;
  const { payload } = JSON.parse(entry.input) as Parsed;
  const [output] = JSON.parse(entry.outputs) as { message: { payload: { reason?: string } } }[];
  const rejects = ['reject', 'refuse', 'fail_registration'].includes(entry.rule);
  const answers = ['finish_update', 'fail_update'].includes(entry.rule);
  return {
    event_id: entry.eventId,
    event_type: entry.eventType,
    rule: entry.rule,
    path: entry.path,
    to_status: entry.toStatus,
    occurred_at: new Date(entry.occurredAt),
    recorded_at: new Date(entry.occurredAt),
    workflow_version: (state?.['workflowVersion'] ?? null) as number | null,
    answered_version: answers ? (payload?.['workflow_version'] as unknown as number) : null,
    consul_registered: (held?.['consulRegistered'] ?? null) as boolean | null,
    postgres_registered: (held?.['postgresRegistered'] ?? null) as boolean | null,
    rejection: rejects ? (output?.message.payload.reason ?? null) : null,
    errors: entry.rule === 'fail_update' ? (payload?.['errors'] as unknown as WorkflowStepRow['errors']) : null,
    state_reason: (state?.['reason'] ?? null) as string | null,
  };
}
