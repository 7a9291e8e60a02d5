import { BinaryArray } from './binary-array.js';
import type { Queryable } from './due-deadlines.js';
import { searchedBy, type MachineEntry, type ReadRow, type SearchedBy, type StateChange } from './rows.js';
import { ConcurrentStep, type Written } from './transact.js';

/**
 * Stores a batch in one statement, all of it or nothing: the rows that changed, and an entry for every step. Deadlines are armed
 * from the database's clock, so a step that was taken late gives the node its full time; those that outputs tell of begin only
 * when these are published (start-deadlines.ts). Rows come in the order in which they are locked, and are written where they were
 * locked: one that somebody else has just written is somewhere else now, and counts as another's step. Throws {@link ConcurrentStep}.
 */
export async function writeBatch(database: Queryable, { changes, read, entries }: Written): Promise<void> {
  const created = changes.filter((change) => change.expectedVersion === 0);
  const moved = changes.filter((change) => change.expectedVersion > 0);
  const columns = [...stateColumns(created, []), ...stateColumns(moved, read), ...journalColumns(entries)];
  const counts = [moved.length + read.length, moved.length];
  const values = [...columns.map((column) => column.toParameter()), ...counts];
  try {
    await database.query({ name: 'write-batch', text: WRITE, values });
    for (const column of columns) column.release();
  } catch (error) {
    if (!isAnothers(error)) throw error;
    throw new ConcurrentStep('another replica decided on a node of this batch at the same time', { cause: error });
  }
}

/**
 * Division by zero: what WRITE ends in when a row is not as it was, so that nothing is written. Or a row of a node, or an entry of an
 * input, that is there already.
 */
function isAnothers(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === '22012' || error.code === '23505';
}

const STATE_COLUMNS =
  'machine, node_id, expected, version, status, state, node_type, capability_tags, public_key, deadline_kind, after_ms, ' +
  'announced_by, keeps_deadline, only_read';
const STATE_TYPES = 'text text int4 int4 text text text text text text int4 text bool bool'.split(' ');
const JOURNAL_COLUMNS =
  'machine, node_id, event_id, version, event_type, input, context, rule, from_status, path, to_status, state_after, outputs, ' +
  'correlation_id, causation_id, occurred_at, contract_version';
const JOURNAL_TYPES = 'text text text int4 text text text text text text text text text text text text text'.split(' ');

/** `unnest($3::text[], $4::int4[] …) as name(columns)` */
function rowsFrom(first: number, types: readonly string[], name: string, columns: string): string {
  return `unnest(${types.map((type, index) => `$${first + index}::${type}[]`).join(', ')}) as ${name}(${columns})`;
}

const CREATED_AT = 1;
const CHANGED_AT = CREATED_AT + STATE_TYPES.length;
const ENTRIES_AT = CHANGED_AT + STATE_TYPES.length;
const COUNTS_AT = ENTRIES_AT + JOURNAL_TYPES.length;

/**
 * The server need not parse what we have just written. Only an input can have been written by anybody: one that is long enough
 * to be nested deeper than the server can read is tried, and refused then as ever.
 */
const INPUT = 'case when octet_length(e.input) > 4096 then e.input::json::text else e.input end';

const NEW_DEADLINE = `case when c.announced_by is null
      then date_trunc('milliseconds', clock_timestamp()) + c.after_ms * interval '1 millisecond' end`;
const WRITE = `
  with created as (
    insert into machine_states
      (machine, node_id, version, status, state, node_type, capability_tags, public_key, deadline_kind, deadline_after_ms,
       deadline_announced_by, deadline_at, updated_at)
    select c.machine, c.node_id, c.version, c.status, c.state, c.node_type, c.capability_tags::jsonb, c.public_key,
      c.deadline_kind, c.after_ms, c.announced_by::uuid, ${NEW_DEADLINE}, clock_timestamp()
    from ${rowsFrom(CREATED_AT, STATE_TYPES, 'c', STATE_COLUMNS)}
  ), locked as materialized (
    select c.*, locked.place, locked.version = c.expected as is_expected
    from ${rowsFrom(CHANGED_AT, STATE_TYPES, 'c', STATE_COLUMNS)}, lateral (
      select s.ctid as place, s.version from machine_states s
      where s.machine = c.machine and s.node_id = c.node_id
      for no key update of s
    ) as locked
  ), moved as (
    update machine_states s set
      version = c.version,
      status = c.status,
      state = c.state,
      node_type = c.node_type,
      capability_tags = c.capability_tags::jsonb,
      public_key = c.public_key,
      deadline_kind = case when c.keeps_deadline then s.deadline_kind else c.deadline_kind end,
      deadline_after_ms = case when c.keeps_deadline then s.deadline_after_ms else c.after_ms end,
      deadline_announced_by = case when c.keeps_deadline then s.deadline_announced_by else c.announced_by::uuid end,
      deadline_at = case when c.keeps_deadline then s.deadline_at else ${NEW_DEADLINE} end,
      updated_at = clock_timestamp()
    from locked c
    where s.ctid = c.place and c.is_expected and not c.only_read
    returning 1
  ), recorded as (
    insert into journal (${JOURNAL_COLUMNS})
    select e.machine, e.node_id, e.event_id::uuid, e.version, e.event_type, ${INPUT}, e.context, e.rule, e.from_status,
      e.path, e.to_status, e.state_after, e.outputs, e.correlation_id::uuid, e.causation_id::uuid,
      e.occurred_at::timestamptz, e.contract_version
    from ${rowsFrom(ENTRIES_AT, JOURNAL_TYPES, 'e', JOURNAL_COLUMNS)}
  )
  select 1 / (case when (select count(*) from locked where is_expected) = $${COUNTS_AT}::int
    and (select count(*) from moved) = $${COUNTS_AT + 1}::int then 1 else 0 end)`;

type Row = {
  readonly machine: string;
  readonly nodeId: string;
  readonly expected: number;
  /** Null where the row was only read. */
  readonly change: StateChange | null;
  readonly searched: SearchedBy;
};

function stateColumns(changes: readonly StateChange[], read: readonly ReadRow[]): readonly BinaryArray[] {
  const rows: readonly Row[] = [
    ...changes.map((change): Row => {
      const { machine, nodeId, expectedVersion: expected } = change;
      return { machine, nodeId, expected, change, searched: searchedBy(change.state) };
    }),
    ...read.map(({ machine, nodeId, version: expected }): Row => {
      return { machine, nodeId, expected, change: null, searched: NOTHING };
    }),
  ];
  const armed = ({ change }: Row) => (change === null || change.deadline === 'keep' ? null : change.deadline);
  return [
    texts(rows, ({ machine }) => machine),
    texts(rows, ({ nodeId }) => nodeId),
    integers(rows, ({ expected }) => expected),
    integers(rows, ({ change }) => change?.version ?? null),
    texts(rows, ({ change }) => change?.status ?? null),
    texts(rows, ({ change }) => change?.text ?? null),
    texts(rows, ({ searched }) => searched.nodeType),
    texts(rows, ({ searched }) => searched.capabilityTags && JSON.stringify(searched.capabilityTags)),
    texts(rows, ({ searched }) => searched.publicKey),
    texts(rows, (row) => armed(row)?.kind ?? null),
    integers(rows, (row) => armed(row)?.afterMs ?? null),
    texts(rows, ({ change }) => change?.announcedBy ?? null),
    booleans(rows, ({ change }) => change?.deadline === 'keep'),
    booleans(rows, ({ change }) => change === null),
  ];
}

function journalColumns(entries: readonly MachineEntry[]): readonly BinaryArray[] {
  return [
    texts(entries, ({ machine }) => machine),
    texts(entries, ({ nodeId }) => nodeId),
    texts(entries, ({ eventId }) => eventId),
    integers(entries, ({ version }) => version),
    texts(entries, ({ eventType }) => eventType),
    texts(entries, ({ input }) => input),
    texts(entries, ({ context }) => context),
    texts(entries, ({ rule }) => rule),
    texts(entries, ({ fromStatus }) => fromStatus),
    texts(entries, ({ path }) => path),
    texts(entries, ({ toStatus }) => toStatus),
    texts(entries, ({ stateAfter }) => stateAfter),
    texts(entries, ({ outputs }) => outputs),
    texts(entries, ({ correlationId }) => correlationId),
    texts(entries, ({ causationId }) => causationId),
    texts(entries, ({ occurredAt }) => occurredAt),
    texts(entries, ({ contractVersion }) => contractVersion),
  ];
}

const NOTHING: SearchedBy = { nodeType: null, capabilityTags: null, publicKey: null };

function texts<T>(rows: readonly T[], valueOf: (row: T) => string | null) {
  const array = new BinaryArray('text');
  for (const row of rows) array.addText(valueOf(row));
  return array;
}

function integers<T>(rows: readonly T[], valueOf: (row: T) => number | null) {
  const array = new BinaryArray('int4');
  for (const row of rows) array.addInteger(valueOf(row));
  return array;
}

function booleans<T>(rows: readonly T[], valueOf: (row: T) => boolean) {
  const array = new BinaryArray('bool');
  for (const row of rows) array.addBoolean(valueOf(row));
  return array;
}
