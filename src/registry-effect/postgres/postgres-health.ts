import type { Pool } from 'pg';
import { errorText } from '../../messages/index.js';
import type { ErrorCode } from '../resilience/error-codes.js';
import { classifyPostgresError } from './classify-postgres-error.js';
import { withClient } from './with-client.js';

export type PostgresHealth =
  | { readonly ok: true; readonly version: string; readonly latencyMs: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly latencyMs: number };

/** Asks whether the registry database answers and has its table. Never rejects; the message is redacted. */
export async function postgresHealth({
  pool,
  timeoutMs = 3_000,
}: {
  readonly pool: Pool;
  readonly timeoutMs?: number;
}): Promise<PostgresHealth> {
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const { rows } = await withClient(pool, timeoutMs, (client) =>
      client.query<{ version: string }>({
        text: `SELECT current_setting('server_version') AS version FROM (SELECT 1) AS one
         LEFT JOIN node_registrations ON false`,
      }),
    );
    return { ok: true, version: rows[0]!.version, latencyMs: latencyMs() };
  } catch (error) {
    return { ok: false, code: classifyPostgresError(error), message: errorText(error), latencyMs: latencyMs() };
  }
}
