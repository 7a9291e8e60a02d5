import { errorText } from '../../messages/index.js';
import type { EffectHandler, IntentOf } from '../effect-handler.js';
import { applyBatch } from '../resilience/apply-batch.js';
import { createCircuit } from '../resilience/circuit.js';
import { withDefaults, type BreakerState, type ResilienceOptions } from '../resilience/resilience-options.js';
import { classifyPostgresError } from './classify-postgres-error.js';
import { deactivateRegistrations } from './deactivate-registrations.js';
import type { ConnectionPool } from './queryable.js';
import { upsertRegistrations } from './upsert-registrations.js';
import type { RestoreTable } from './with-table.js';
import { writeRegistrations } from './write-registrations.js';

/** The pool stays the caller's, to be closed by the caller. */
export type PostgresEffectOptions = ResilienceOptions & {
  readonly pool: ConnectionPool;
  /** Called where the table is missing; without it, the backend does not serve until the table is back. */
  readonly restoreTable?: RestoreTable;
};

export type PostgresEffect = {
  readonly upsertRegistrations: EffectHandler<IntentOf<'postgres.upsert_registration'>>;
  readonly deactivateRegistrations: EffectHandler<IntentOf<'postgres.deactivate_registration'>>;
  breakerState(): BreakerState;
};

/** The PostgreSQL backend: one breaker and one pool for both of its operations. */
export function createPostgresEffect(options: PostgresEffectOptions): PostgresEffect {
  const { pool, restoreTable } = options;
  const settings = withDefaults(options);
  const backend = { pool, settings, classify: classifyPostgresError, restoreTable };
  const circuit = createCircuit(settings);
  // Unheard, the loss of an idle connection would end the process. The pool makes a new one.
  pool.on('error', (error) => settings.onError?.(classifyPostgresError(error), errorText(error)));

  return {
    upsertRegistrations: {
      id: 'upsert-registrations',
      apply: (requests) =>
        applyBatch(requests, circuit, settings, (pending, settle) =>
          writeRegistrations(backend, upsertRegistrations, pending, settle),
        ),
    },
    deactivateRegistrations: {
      id: 'deactivate-registrations',
      apply: (requests) =>
        applyBatch(requests, circuit, settings, (pending, settle) =>
          writeRegistrations(backend, deactivateRegistrations, pending, settle),
        ),
    },
    breakerState: () => circuit.state(),
  };
}
