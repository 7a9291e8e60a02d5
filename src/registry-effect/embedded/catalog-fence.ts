import type { Fence } from '../postgres/fenced-outcomes.js';

/** Reported as Consul's: the reducer and the operator know the backend by that name, whoever plays it. */
export const CATALOG_FENCE: Fence = { table: 'catalog_services', errorCode: 'CONSUL_VALIDATION_ERROR' };
