/**
 * What people and programs ask: REST, GraphQL, health, metrics. Reads the orchestrator's states and journal (SQL only in
 * read/), decides nothing, and answers every failure with a problem document (http/).
 */
export { AccessModule } from './access/access.module.js';
export type { AccessOptions } from './access/access-options.js';
export { ApiModule } from './api.module.js';
export { HealthModule } from './health/health.module.js';
export type { ApiOptions } from './options.js';
export { createHttpAdapter } from './http/adapter.js';
export { configureHttp } from './http/configure-http.js';
