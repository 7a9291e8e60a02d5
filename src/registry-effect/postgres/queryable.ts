import type { QueryResult, QueryResultRow } from 'pg';

/** A statement; with a name it is prepared once on each connection. */
export type Statement = { readonly name?: string; readonly text: string; readonly values?: unknown[] };

/** What a verb needs of a pg Pool, PoolClient or Client. */
export type Queryable = {
  query<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>>;
};
