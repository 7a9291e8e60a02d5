import type { QueryResult, QueryResultRow } from 'pg';

/** A statement; with a name it is prepared once on each connection. */
export type Statement = { readonly name?: string; readonly text: string; readonly values?: unknown[] };

/** What a verb needs of a pg Pool, PoolClient or Client. */
export type Queryable = {
  query<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>>;
};

type Listening = (event: 'error', listener: (error: Error) => void) => unknown;

/** What the effect needs of a pg PoolClient. */
export type Connection = Queryable & {
  readonly on: Listening;
  readonly off: Listening;
  /** `broken`: it is thrown away. */
  release(broken?: boolean): void;
};

/** What the effect needs of a pg Pool. */
export type ConnectionPool = { readonly on: Listening; connect(): Promise<Connection> };
