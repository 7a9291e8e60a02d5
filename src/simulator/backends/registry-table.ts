import type { Connection, ConnectionPool, Statement } from '../../registry-effect/postgres/queryable.js';
import { DEACTIVATE_COLUMNS, UPSERT_COLUMNS } from '../../registry-effect/postgres/registration-row.js';
import type { Owner } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';

export type RegistrationRow = Readonly<Record<string, unknown>> & {
  readonly node_id: string;
  readonly state: 'registered' | 'active' | 'deregistered';
  readonly revision: number;
};

/** A capability of this name makes the table refuse the record. */
export const REFUSED_BY_POSTGRES = 'refused-by-postgres';

/** What the server answers to a row that a constraint refuses. */
class CheckViolation extends Error {
  readonly code = '23514';
  readonly severity = 'ERROR';
}

type Row = Record<string, unknown> & { node_id: string; revision: number };

/** node_registrations: a row a node, fenced by its revision, written by the effect's three statements. */
export class RegistryTable {
  readonly rows = new Map<string, RegistrationRow>();

  poolOf(owner: Owner, wire: Wire): ConnectionPool {
    const connection: Connection = {
      on: () => undefined,
      off: () => undefined,
      release: () => undefined,
      query: <R>(statement: Statement) =>
        wire.call(owner, 'registry', statement.name ?? 'query', () => ({ rows: this.run(statement) })) as Promise<{
          rows: R[];
        }> as never,
    };
    return { on: () => undefined, connect: () => wire.call(owner, 'registry', 'connect', () => connection) };
  }

  private run({ name, values = [] }: Statement): readonly object[] {
    switch (name) {
      case 'registry-upsert':
        return this.upsert(rowsOf(UPSERT_COLUMNS, values));
      case 'registry-deactivate':
        return this.deactivate(rowsOf(DEACTIVATE_COLUMNS, values));
      case 'node_registrations-revisions':
        return (values[0] as string[]).flatMap((nodeId) => {
          const row = this.rows.get(nodeId);
          return row === undefined ? [] : [{ node_id: nodeId, revision: String(row.revision) }];
        });
      default:
        throw new Error(`the simulated registry table does not know the statement ${name ?? 'without a name'}`);
    }
  }

  private upsert(rows: readonly Row[]): readonly object[] {
    if (rows.some((row) => String(row['capabilities']).includes(REFUSED_BY_POSTGRES))) {
      throw new CheckViolation('new row for relation "node_registrations" violates check constraint');
    }
    return rows.flatMap((row) => {
      const stored = this.rows.get(row.node_id);
      if (stored !== undefined && stored.revision > row.revision) return [];
      this.rows.set(row.node_id, row as unknown as RegistrationRow);
      return [{ node_id: row.node_id }];
    });
  }

  private deactivate(rows: readonly Row[]): readonly object[] {
    return rows.flatMap((row) => {
      const stored = this.rows.get(row.node_id);
      if (stored === undefined || stored.revision > row.revision) return [];
      this.rows.set(row.node_id, { ...stored, ...row, state: 'deregistered' });
      return [{ node_id: row.node_id }];
    });
  }
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
