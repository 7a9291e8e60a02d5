import { bulkhead } from 'cockatiel';
import { Pool } from 'undici';
import { connector } from './connector.js';
import { consulUrl, tokenHeader, type ConsulConnection } from './consul-options.js';
import { ConsulRefusal } from './consul-errors.js';
import type { Operation } from './operations.js';
import { putTransaction } from './put-transaction.js';

/**
 * 64 operations is what Consul takes in a transaction. Its limit for the text is 512 KiB; half of that leaves room for what
 * it adds to each entry of its own log.
 */
export const TRANSACTION_LIMITS = { maxCount: 64, maxBytes: 256 * 1024 } as const;

/** An operation that made Consul roll the transaction back. */
export type OperationError = { readonly index: number; readonly what: string };

/** Applied as a whole, or rolled back with the operations that are to blame (never none). */
export type TransactionResult =
  { readonly committed: true } | { readonly committed: false; readonly errors: readonly OperationError[] };

export type TransactionClient = {
  /** Throws {@link ConsulRefusal}, or what the network did. */
  put(operations: readonly Operation[]): Promise<TransactionResult>;
  close(): Promise<void>;
};

type Options = ConsulConnection & { readonly connections: number; readonly requestTimeoutMs: number };

/** `PUT /v1/txn` over kept connections, one transaction at a time on each. */
export function createTransactionClient({ connections, requestTimeoutMs, ...consul }: Options): TransactionClient {
  // The time of a request is measured by putTransaction, from a free connection to the last byte.
  const pool = new Pool(consulUrl(consul.address).origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connector(consul.tls, requestTimeoutMs),
  });
  const slots = bulkhead(connections, Infinity);
  const headers = () => ({ 'content-type': 'application/json', ...tokenHeader(consul) });

  return {
    async put(operations) {
      const body = `[${operations.join(',')}]`;
      const { statusCode, text } = await slots.execute(() =>
        putTransaction(pool, { headers: headers(), body, timeoutMs: requestTimeoutMs }),
      );
      if (statusCode === 200) return { committed: true };
      const errors = statusCode === 409 ? namedOperations(text, operations.length) : [];
      if (errors.length === 0) throw new ConsulRefusal(statusCode, text);
      return { committed: false, errors };
    },
    close: () => pool.close(),
  };
}

/** The culprits in `{ "Errors": [{ "OpIndex": 3, "What": "…" }] }`; none when the text says something else. */
function namedOperations(text: string, count: number): OperationError[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [];
  }
  const errors = typeof body === 'object' && body !== null && 'Errors' in body ? body.Errors : null;
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((error: { OpIndex?: unknown; What?: unknown } | null) =>
    typeof error?.OpIndex === 'number' && error.OpIndex >= 0 && error.OpIndex < count
      ? [{ index: error.OpIndex, what: String(error.What) }]
      : [],
  );
}
