import type { Pool } from 'pg';
import type { ConsulEffect } from '../consul/consul-effect.js';
import { writeRegistrations } from '../postgres/write-registrations.js';
import { applyBatch } from '../resilience/apply-batch.js';
import { createCircuit } from '../resilience/circuit.js';
import { withDefaults, type ResilienceOptions } from '../resilience/resilience-options.js';
import { classifyCatalogError } from './classify-catalog-error.js';
import { deregisterServices } from './deregister-services.js';
import { registerServices } from './register-services.js';
import { removeServices } from './remove-services.js';

/** The pool stays the caller's, who hears its errors and closes it. */
export type CatalogEffectOptions = ResilienceOptions & {
  readonly pool: Pool;
  /** Owner of the synthetic nodes; replicas share it. */
  readonly registryId: string;
};

/**
 * What stands in for the Consul backend where there is no Consul: the same handlers, names and outcomes, but the services are
 * rows of the state database. One breaker for all operations. Unlike Consul it fences: an older revision never replaces a
 * newer one.
 */
export function createCatalogEffect(options: CatalogEffectOptions): ConsulEffect {
  const { pool, registryId } = options;
  const settings = withDefaults(options);
  const backend = { pool, settings, classify: classifyCatalogError };
  const circuit = createCircuit(settings);

  return {
    registerConsulServices: {
      id: 'register-consul-services',
      apply: (requests) =>
        applyBatch(requests, circuit, settings, (pending, settle) =>
          writeRegistrations(backend, (db, some) => registerServices(db, some, registryId), pending, settle),
        ),
    },
    deregisterConsulServices: {
      id: 'deregister-consul-services',
      apply: (requests) =>
        applyBatch(requests, circuit, settings, (pending, settle) =>
          writeRegistrations(backend, deregisterServices, pending, settle),
        ),
    },
    removeConsulServices: {
      id: 'remove-consul-services',
      apply: (requests) =>
        applyBatch(requests, circuit, settings, (pending, settle) =>
          writeRegistrations(backend, removeServices, pending, settle),
        ),
    },
    breakerState: () => circuit.state(),
    // There is no connection of its own, and the pool waits for what it has lent.
    close: () => Promise.resolve(),
  };
}
