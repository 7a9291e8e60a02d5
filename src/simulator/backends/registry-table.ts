import type { Connection, ConnectionPool, Statement } from '../../registry-effect/postgres/queryable.js';
import { DEACTIVATE_COLUMNS, UPSERT_COLUMNS } from '../../registry-effect/postgres/registration-row.js';
import { bucketOf } from '../buckets.js';
import type { Owner } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';

export type RegistrationRow = Readonly<Record<string, unknown>> & {
  readonly node_id: string;
  readonly state: 'registered' | 'active' | 'deregistered';
  readonly revision: number;
  readonly deregistered_at: unknown;
};

/** A row that a process has written. */
export type TableWrite = {
  readonly owner: Owner;
  readonly nodeId: string;
  readonly before: RegistrationRow | null;
  readonly after: RegistrationRow;
};

/** A capability of this name makes the table refuse the record. */
export const REFUSED_BY_POSTGRES = 'refused-by-postgres';

/** What the server answers to a row that a constraint refuses. */
class CheckViolation extends Error {
  readonly code = '23514';
  readonly severity = 'ERROR';
}

type Row = Record<string, unknown> & { node_id: string; revision: number };

/** Of a row that has left, the audit compares these alone. */
const OF_DEREGISTERED = ['state', 'revision', 'attempt_id'];
const COMPARED = UPSERT_COLUMNS.map(({ name }) => name).filter((name) => name !== 'node_id' && name !== 'event_at');

/** node_registrations: a row a node, fenced by its revision, written by the effect's three statements, read by the audit's two. */
export class RegistryTable {
  readonly rows = new Map<string, RegistrationRow>();
  /** Of each row: another one for every version of it. */
  private readonly places = new Map<string, number>();
  private writes = 0;

  constructor(private readonly onWrite: (write: TableWrite) => void) {}

  poolOf(owner: Owner, wire: Wire): ConnectionPool {
    const connection: Connection = {
      on: () => undefined,
      off: () => undefined,
      release: () => undefined,
      query: <R>(statement: Statement) =>
        wire.call(owner, 'registry', statement.name ?? 'query', () => ({
          rows: this.run(statement, owner),
        })) as Promise<{ rows: R[] }> as never,
    };
    return { on: () => undefined, connect: () => wire.call(owner, 'registry', 'connect', () => connection) };
  }

  /** Rows of an audit's bucket. */
  bucket(bucket: number): readonly RegistrationRow[] {
    return [...this.rows.values()].filter(({ node_id: nodeId }) => bucketOf(nodeId) === bucket);
  }

  /** Somebody writes a row by hand, or takes it away. */
  tamper(nodeId: string, row: RegistrationRow | null): void {
    if (row === null) this.rows.delete(nodeId);
    else this.put(row);
  }

  private put(row: RegistrationRow): void {
    this.rows.set(row.node_id, row);
    this.places.set(row.node_id, ++this.writes);
  }

  private write(owner: Owner, row: RegistrationRow): { readonly node_id: string } {
    const before = this.rows.get(row.node_id) ?? null;
    this.put(row);
    this.onWrite({ owner, nodeId: row.node_id, before, after: row });
    return { node_id: row.node_id };
  }

  private run({ name, values = [] }: Statement, owner: Owner): readonly object[] {
    switch (name) {
      case 'registry-upsert':
        return this.upsert(rowsIn(String(values[0])), owner);
      case 'registry-deactivate':
        return this.deactivate(rowsOf(DEACTIVATE_COLUMNS, values), owner);
      case 'node_registrations-revisions':
        return (values[0] as string[]).flatMap((nodeId) => {
          const row = this.rows.get(nodeId);
          return row === undefined ? [] : [{ node_id: nodeId, revision: String(row.revision) }];
        });
      case 'node_registrations-marks':
        return this.marks();
      case 'registry-audit':
        return this.compare(rowsOf(UPSERT_COLUMNS, values), Number(values.at(-1)));
      default:
        throw new Error(`the simulated registry table does not know the statement ${name ?? 'without a name'}`);
    }
  }

  private upsert(rows: readonly Row[], owner: Owner): readonly object[] {
    if (rows.some((row) => String(row['capabilities']).includes(REFUSED_BY_POSTGRES))) {
      throw new CheckViolation('new row for relation "node_registrations" violates check constraint');
    }
    return rows.flatMap((row) => {
      const stored = this.rows.get(row.node_id);
      if (stored !== undefined && stored.revision > row.revision) return [];
      return [this.write(owner, { ...row, deregistered_at: null } as unknown as RegistrationRow)];
    });
  }

  private deactivate(rows: readonly Row[], owner: Owner): readonly object[] {
    return rows.flatMap((row) => {
      const stored = this.rows.get(row.node_id);
      if (stored === undefined || stored.revision > row.revision) return [];
      return [this.write(owner, { ...stored, ...row, state: 'deregistered', deregistered_at: row['event_at'] })];
    });
  }

  private marks(): readonly object[] {
    const marks = new Map<number, string>();
    for (const nodeId of this.rows.keys()) {
      const bucket = bucketOf(nodeId);
      marks.set(bucket, `${marks.get(bucket) ?? ''} ${nodeId}:${this.places.get(nodeId) ?? 0}`);
    }
    return [...marks].map(([bucket, mark]) => ({ bucket, mark }));
  }

  /** As the audit's statement joins what is desired with what is there. */
  private compare(inputs: readonly Row[], bucket: number): readonly object[] {
    const desired = new Set(inputs.map(({ node_id: nodeId }) => nodeId));
    const pair = (input: Row | null, stored: RegistrationRow | null): object => ({
      desired_id: input?.node_id ?? null,
      found_id: stored?.node_id ?? null,
      found_state: stored?.state ?? null,
      found_revision: stored === null ? null : String(stored.revision),
      differences: input === null || stored === null ? [] : differences(input, stored),
    });
    const rows = this.bucket(bucket);
    return [
      ...inputs.map((input) => pair(input, rows.find((row) => row.node_id === input.node_id) ?? null)),
      ...rows.filter((row) => !desired.has(row.node_id)).map((row) => pair(null, row)),
    ];
  }
}

function differences(input: Row, stored: RegistrationRow): readonly string[] {
  const hasLeft = input['state'] === 'deregistered';
  const columns = hasLeft ? OF_DEREGISTERED : COMPARED;
  const differing = columns.filter((column) => String(stored[column]) !== String(input[column]));
  return (stored.deregistered_at === null) === hasLeft ? [...differing, 'deregistered_at'] : differing;
}

/** A statement's arrays, one a column, as rows again. */
function rowsOf(columns: readonly { readonly name: string }[], values: readonly unknown[]): readonly Row[] {
  const [first] = values as (readonly unknown[])[];
  return (first ?? []).map(
    (_, index) =>
      Object.fromEntries(
        columns.map(({ name }, column) => [name, (values as (readonly unknown[])[])[column]?.[index]]),
      ) as Row,
  );
}

/** The rows of a statement that takes them as one JSON text; nested values as texts, as the audit gives them. */
function rowsIn(json: string): readonly Row[] {
  const textOf = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  return (JSON.parse(json) as Row[]).map(
    (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)])) as Row,
  );
}
