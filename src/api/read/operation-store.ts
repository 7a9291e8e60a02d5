import { Inject, Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { STATE_DATABASE, type Database } from '../../runtime/index.js';
import { rowsOf, type Statement } from './query.js';
import { Slots } from './slots.js';

export type OperationKind = 'register' | 'deregister';

/** A command that came by the api: its id is the event id of the message. */
export type Operation = {
  readonly id: string;
  readonly kind: OperationKind;
  readonly nodeId: string;
  /** Epoch milliseconds, by the database's clock. */
  readonly createdAt: number;
};

export type NewOperation = Pick<Operation, 'id' | 'kind' | 'nodeId'> & {
  readonly idempotencyKey: string | null;
  readonly requestHash: string;
  /** The value to publish. */
  readonly message: string;
};

/** What was stored under an idempotency key. */
export type KeyedOperation = Operation & {
  readonly requestHash: string;
  readonly message: string;
  readonly ageMs: number;
  readonly published: boolean;
};

/** Statements at once: the pool's connections are those of the lanes, too. */
const MAX_STATEMENTS = 3;
/** Short statements, so many may wait: a fleet that is registered at once should not be turned away. */
const MAX_WAITING = 2000;
const DELETED_AT_ONCE = 500;
/** How long an operation can be asked for. */
const KEPT_FOR = '7 days';

const COLUMNS = `id, kind, node_id, created_at`;
type Row = {
  readonly id: string;
  readonly kind: OperationKind;
  readonly node_id: string;
  readonly created_at: Date;
};

/** The table of operations. A method is one statement; no connection is held between two. Every method throws StateUnavailable. */
@Injectable()
export class OperationStore {
  private readonly slots = new Slots(MAX_STATEMENTS, MAX_WAITING);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  /** Null where the idempotency key is taken. */
  async insert(operation: NewOperation): Promise<Operation | null> {
    const { id, kind, nodeId, idempotencyKey, requestHash, message } = operation;
    const rows = await this.rows<Row>({
      name: 'insert-operation',
      text: `
        insert into operations (id, kind, node_id, idempotency_key, request_hash, message)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (idempotency_key) where idempotency_key is not null do nothing
        returning ${COLUMNS}`,
      values: [id, kind, nodeId, idempotencyKey, requestHash, message],
    });
    return rows[0] === undefined ? null : operationOf(rows[0]);
  }

  async byKey(idempotencyKey: string): Promise<KeyedOperation | null> {
    type Keyed = Row & { request_hash: string; message: string; age_ms: number; published: boolean };
    const [row] = await this.rows<Keyed>({
      name: 'operation-by-key',
      text: `
        select ${COLUMNS}, request_hash, message, published_at is not null as published,
          extract(epoch from clock_timestamp() - created_at)::float8 * 1000 as age_ms
        from operations where idempotency_key = $1`,
      values: [idempotencyKey],
    });
    if (row === undefined) return null;
    const { request_hash: requestHash, age_ms: ageMs, message, published } = row;
    return { ...operationOf(row), requestHash, ageMs, message, published };
  }

  /** The operation stays, its key is free again. */
  async freeKey(id: string): Promise<void> {
    await this.rows({ text: 'update operations set idempotency_key = null where id = $1', values: [id] });
  }

  async markPublished(id: string): Promise<void> {
    await this.rows({
      name: 'mark-operation-published',
      text: 'update operations set published_at = clock_timestamp() where id = $1',
      values: [id],
    });
  }

  async byId(id: string): Promise<Operation | null> {
    const [row] = await this.rows<Row>({
      name: 'operation-by-id',
      text: `select ${COLUMNS} from operations where id = $1`,
      values: [id],
    });
    return row === undefined ? null : operationOf(row);
  }

  /** Deletes some of the operations that are too old. Resolves to whether there may be more. */
  async deleteOld(): Promise<boolean> {
    const deleted = await this.rows({
      text: `
        delete from operations where id in (
          select id from operations where created_at < clock_timestamp() - interval '${KEPT_FOR}'
          order by created_at limit ${DELETED_AT_ONCE}
        ) returning id`,
      values: [],
    });
    return deleted.length === DELETED_AT_ONCE;
  }

  private rows<R extends QueryResultRow>(statement: Statement): Promise<readonly R[]> {
    return this.slots.run(() => rowsOf<R>(this.database, statement));
  }
}

function operationOf(row: Row): Operation {
  return { id: row.id, kind: row.kind, nodeId: row.node_id, createdAt: row.created_at.getTime() };
}
