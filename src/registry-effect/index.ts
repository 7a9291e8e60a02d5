/**
 * All I/O against Consul and the registry database, and nothing but I/O: no business logic, no workflow state. Intents are
 * level-based (they carry the whole desired state), so a batch that was cut off in the middle is simply applied again.
 * Knows `messages`; how intents come here and how outcomes travel on is the runtime's concern.
 */
export type { EffectHandler, EffectOutcome, EffectRequest, IntentOf } from './effect-handler.js';
export type { BackendAudit, Comparison, DesiredNode, Finding } from './drift/backend-audit.js';
export { BackendUnavailable } from './resilience/backend-unavailable.js';
export { ERROR_CODES, type ErrorCode, type ErrorKind, type UnavailableCode } from './resilience/error-codes.js';
export type { BreakerState, ResilienceOptions } from './resilience/resilience-options.js';
export { createConsulEffect, type ConsulEffect } from './consul/consul-effect.js';
export { consulAuditThrough, createConsulAudit, type ConsulAudit } from './consul/consul-audit.js';
export type { ConsulConnection, ConsulEffectOptions } from './consul/consul-options.js';
export { readConsulFacts, type ConsulFacts, type ConsulRight } from './consul/consul-facts.js';
export { consulHealth, type ConsulHealth } from './consul/consul-health.js';
export { createCatalogEffect, type CatalogEffectOptions } from './embedded/catalog-effect.js';
export { createCatalogAudit, type CatalogAuditOptions } from './embedded/catalog-audit.js';
export { catalogHealth, type CatalogHealth } from './embedded/catalog-health.js';
export { catalogMigrations } from './embedded/migrations/index.js';
export { createPostgresEffect, type PostgresEffect, type PostgresEffectOptions } from './postgres/postgres-effect.js';
export { createPostgresAudit, type PostgresAuditOptions } from './postgres/postgres-audit.js';
export { restoreRegistrations } from './postgres/restore-registrations.js';
export { postgresHealth, type PostgresHealth } from './postgres/postgres-health.js';
export { catalogPrivileges, registryPrivileges } from './postgres/privileges.js';
export { registryMigrations } from './postgres/migrations/index.js';
export { createToolRegistrationsView } from './postgres/tool-registrations-view.js';
export type { Queryable } from './postgres/queryable.js';
