import type { Facts, LinkFact, StepFact } from '../../src/api/read/facts.js';
import type { WorkflowState } from '../../src/orchestrator/state.js';
import type { ReducerState } from '../../src/reducer/state.js';
import type { JournalEntry } from '../../src/runtime/journal/rows.js';
import { NODE } from '../support/builders.js';
import type { Life, MachineName } from './explain-life.js';

/** A life's facts, told without SQL: a suite beside real servers compares the two (explain.stack.test.ts). */
export function factsOf(life: Life, asOf: string | null = null): Facts {
  const own = entriesOf(life, 'orchestrator');
  const current = newestStep(own, asOf);
  if (current === undefined) throw new Error(`${NODE} was not known at ${asOf}`);
  const state = JSON.parse(current.stateAfter!) as WorkflowState;
  const steps = own.filter((entry) => entry.stateAfter !== null && entry.version <= current.version);
  const entered = steps.findLast(({ path }) => path.includes(' > '))!;
  const later = steps.filter(({ version }) => version > entered.version);
  const degradedBy = steps.findLast(({ rule }) => rule.startsWith('accept_degraded'));
  const before = life.journal.slice(0, indexOf(life, entered)).map(({ entry }) => entry);
  const attempt = own.find(({ eventId }) => eventId === state.attemptId);
  return {
    nodeId: NODE,
    asOf,
    state: {
      status: state.status,
      liveness: state.liveness,
      degraded: state.degraded,
      consulRegistered: state.consulRegistered,
      postgresRegistered: state.postgresRegistered,
    },
    entered: stepOf(entered),
    later: later.slice(-5).map(stepOf),
    laterCount: later.length,
    degradedBy: state.degraded && degradedBy !== undefined ? stepOf(degradedBy) : null,
    ignored: ignoredIn(own.slice(own.indexOf(entered)).filter((entry) => hadOccurred(entry, asOf))),
    links: before
      .filter(({ correlationId }) => correlationId === entered.correlationId)
      .reverse()
      .map(linkOf),
    attempt: attempt === undefined ? null : linkOf(attempt),
    desired: desiredIn(life, asOf),
    now: asOf === null ? columnsOf(life) : null,
  };
}

const entriesOf = (life: Life, machine: MachineName): readonly JournalEntry[] =>
  life.journal.filter((journalled) => journalled.machine === machine).map(({ entry }) => entry);

const indexOf = (life: Life, entry: JournalEntry): number => life.journal.findIndex((line) => line.entry === entry);

const hadOccurred = ({ occurredAt }: JournalEntry, asOf: string | null): boolean => asOf === null || occurredAt <= asOf;

const newestStep = (entries: readonly JournalEntry[], asOf: string | null): JournalEntry | undefined =>
  entries.findLast((entry) => entry.stateAfter !== null && hadOccurred(entry, asOf));

function columnsOf(life: Life): Facts['now'] {
  const row = life.storage.orchestrator.rowOf('orchestrator', NODE);
  const deadline = row?.deadline ?? null;
  return {
    deadline: deadline && { ...deadline, passed: Date.parse(deadline.at) <= life.now },
    lastHeartbeatAt: row?.lastHeartbeatAt ?? null,
  };
}

function desiredIn(life: Life, asOf: string | null): Facts['desired'] {
  const newest = newestStep(entriesOf(life, 'reducer'), asOf);
  const state = newest === undefined ? null : (JSON.parse(newest.stateAfter!) as ReducerState);
  if (state === null || state.desired === null) return null;
  const { revision, presence, health } = state.desired;
  return { revision, presence, health, consul: state.consul, postgres: state.postgres };
}

function ignoredIn(entries: readonly JournalEntry[]): Facts['ignored'] {
  const kinds = new Map<string, { rule: string; eventType: string; count: number; newestAt: string }>();
  for (const { rule, eventType, occurredAt } of entries.filter(({ stateAfter }) => stateAfter === null)) {
    const kind = kinds.get(`${rule} ${eventType}`) ?? { rule, eventType, count: 0, newestAt: occurredAt };
    const newestAt = occurredAt > kind.newestAt ? occurredAt : kind.newestAt;
    kinds.set(`${rule} ${eventType}`, { ...kind, count: kind.count + 1, newestAt });
  }
  return [...kinds.values()].sort(
    (a, b) => b.count - a.count || (`${a.eventType} ${a.rule}` < `${b.eventType} ${b.rule}` ? -1 : 1),
  );
}

type Parsed = { readonly [name: string]: Parsed } & readonly Parsed[];

const orNull = <T>(value: unknown): T | null => (value ?? null) as T | null;

function stepOf(entry: JournalEntry): StepFact {
  const { eventId, eventType, occurredAt, causationId, rule, path } = entry;
  const { source_node_id: source, payload: said } = JSON.parse(entry.input) as Parsed;
  const outputs = JSON.parse(entry.outputs) as { message: Parsed }[];
  const told = outputs[0]?.message['payload'];
  return {
    ...{ eventId, eventType, occurredAt, causationId, rule, path },
    source: source as unknown as string,
    said: {
      reason: orNull(said?.['reason']),
      kind: orNull(said?.['kind']),
      deadlineAt: orNull(said?.['deadline_at']),
      confirmed: orNull(said?.['confirmed']),
      pending: orNull(said?.['pending']),
      errors: orNull(said?.['errors']),
    },
    outputs: outputs.map(({ message }) => message['event_type'] as unknown as string),
    told: {
      reason: orNull(told?.['reason']),
      changed: orNull(told?.['changed']),
      lastHeartbeatAt: orNull(told?.['last_heartbeat_at']),
    },
  };
}

function linkOf(entry: JournalEntry): LinkFact {
  const { eventId, eventType, occurredAt, causationId } = entry;
  const { source, said } = stepOf(entry);
  const outputs = JSON.parse(entry.outputs) as { message: { event_id: string } }[];
  return {
    ...{ eventId, eventType, occurredAt, causationId, source },
    reason: said.reason,
    outputIds: outputs.map(({ message }) => message.event_id),
  };
}
