import type { Pool } from 'pg';
import { errorText } from '../../messages/index.js';
import { withClient } from '../postgres/with-client.js';
import type { ErrorCode } from '../resilience/error-codes.js';
import { classifyCatalogError } from './classify-catalog-error.js';

/** `index` is raised by every write. Times in milliseconds. */
export type CatalogHealth =
  | { readonly ok: true; readonly index: number; readonly latencyMs: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly latencyMs: number };

/** Asks whether the catalog answers and has its tables. Never rejects; the message is redacted. */
export async function catalogHealth({
  pool,
  timeoutMs = 3_000,
}: {
  readonly pool: Pool;
  readonly timeoutMs?: number;
}): Promise<CatalogHealth> {
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const { rows } = await withClient(pool, timeoutMs, (client) =>
      client.query<{ value: string }>({
        text: 'SELECT value FROM catalog_index LEFT JOIN catalog_services ON false',
      }),
    );
    return { ok: true, index: Number(rows[0]!.value), latencyMs: latencyMs() };
  } catch (error) {
    return { ok: false, code: classifyCatalogError(error), message: errorText(error), latencyMs: latencyMs() };
  }
}
