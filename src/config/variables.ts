/**
 * Every variable, and what has to hold between them. A group of variables that belong to one subject has a file of its own
 * (`server-variables.ts`) and is spread in here.
 */
import { z } from 'zod';
import { CONNECTION_CHECKS } from './connection-checks.js';
import { connectionVariables } from './connection-variables.js';
import { accessVariables, hasAuthentication, isLoopback } from './access-variables.js';
import { about, integer, list, milliseconds, name, oneOf } from './fields.js';
import { selfVariables } from './self-variables.js';
import { serverVariables } from './server-variables.js';
import { tracingVariables } from './tracing-variables.js';

export const ROLES = ['api', 'orchestrator', 'reducer', 'consul', 'postgres', 'heartbeats', 'snapshots'] as const;
export type Role = (typeof ROLES)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const roles = about(
  list.pipe(z.array(z.enum(ROLES)).min(1)).default([...ROLES]),
  `one or more of ${ROLES.join(', ')}, separated by commas`,
  'api,orchestrator',
);
const host = about(
  z
    .string()
    .regex(/^[\w.:%-]+$/)
    .default('127.0.0.1'),
  'the address to listen on',
  '127.0.0.1',
);

export const variables = z.object({
  ...serverVariables,
  ...connectionVariables,
  ...selfVariables,
  ...accessVariables,
  REGISTRY_ID: name('rollcall', 60),
  ROLES: roles,
  ACK_TIMEOUT_MS: milliseconds(30_000),
  LIVENESS_WINDOW_MS: milliseconds(30_000),
  HEARTBEAT_INTERVAL_MS: milliseconds(10_000),
  SIGNED_EVENTS: oneOf(['off', 'warn', 'required'], 'off'),
  DEGRADED_ACCEPT_AFTER_MS: milliseconds(5000),
  DEADLINE_SCAN_INTERVAL_MS: milliseconds(500),
  MAX_HEARTBEATS_PER_SECOND: integer(10_000, 1, 10_000_000),
  MASS_EXPIRY_SHARE_PERCENT: integer(30, 1, 100, 'a whole number from 1 to 100; 100 never holds expiry back'),
  MASS_EXPIRY_MIN_NODES: integer(10, 1, 1_000_000),
  DRIFT_AUDIT_INTERVAL_MS: milliseconds(10_000),
  DRIFT_REPAIR: oneOf(['auto', 'manual'], 'auto'),
  DRIFT_REPAIRS_PER_SECOND: integer(500, 1, 100_000),
  DRIFT_MAX_SHARE_PERCENT: integer(20, 1, 100, 'a whole number from 1 to 100; 100 never holds repair back'),
  EMBEDDED_LOG_RETENTION_MS: milliseconds(24 * 3600 * 1000),
  BREAKER_FAILURES: integer(5, 1, 1000),
  BREAKER_RESET_MS: milliseconds(60_000),
  RETRY_ATTEMPTS: integer(3, 1, 100),
  RETRY_BASE_MS: milliseconds(100),
  RETRY_MAX_MS: milliseconds(5000),
  HOST: host,
  PORT: integer(3000, 0, 65_535),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
  ...tracingVariables,
  NODE_ENV: about(
    z.string().default('development'),
    'any text; "production" closes GraphQL introspection',
    'production',
  ),
});

export type Variable = keyof typeof variables.shape;
export type Values = z.output<typeof variables>;
type CrossCheck = {
  readonly names: readonly [Variable, ...Variable[]];
  readonly holds: (values: Values) => boolean;
  readonly message: string;
};

export const CROSS_CHECKS: readonly CrossCheck[] = [
  ...CONNECTION_CHECKS,
  {
    names: ['HEARTBEAT_INTERVAL_MS', 'LIVENESS_WINDOW_MS'],
    holds: (values) => values.HEARTBEAT_INTERVAL_MS < values.LIVENESS_WINDOW_MS,
    message: 'has to be below LIVENESS_WINDOW_MS, or nodes that keep to it would expire; a third of it is usual',
  },
  {
    names: ['RETRY_BASE_MS', 'RETRY_MAX_MS'],
    holds: (values) => values.RETRY_BASE_MS <= values.RETRY_MAX_MS,
    message: 'must not exceed RETRY_MAX_MS: it is the first pause, doubled until it reaches that',
  },
  {
    names: ['ROLES', 'DATABASE_URL'],
    // Nobody else can do what is left out, but for snapshots: those one can do without.
    holds: ({ ROLES: given, DATABASE_URL: url }) =>
      url !== undefined || ROLES.every((role) => role === 'snapshots' || given.includes(role)),
    message:
      'splits the work over several processes, but only one can open the embedded database: set DATABASE_URL (or leave ROLES out)',
  },
  {
    names: ['SELF_REGISTRATION', 'ROLES'],
    holds: ({ SELF_REGISTRATION: self, ROLES: given, KAFKA_BROKERS: brokers }) =>
      self === 'false' || brokers !== undefined || given.includes('api'),
    message: 'speaks over the gateway of this process, which only role api has: add it to ROLES, or set KAFKA_BROKERS',
  },
  {
    names: ['HOST', 'ALLOW_UNAUTHENTICATED', 'ADMIN_TOKENS', 'ADMIN_TOKENS_FILE', 'OIDC_ISSUER'],
    holds: (values) => isLoopback(values.HOST) || hasAuthentication(values) || values.ALLOW_UNAUTHENTICATED,
    message:
      'is not a loopback address, and nobody would have to authenticate: set ADMIN_TOKENS ("npm run token" makes an entry) or OIDC_ISSUER; ' +
      'or, where a proxy or the network keeps strangers out, ALLOW_UNAUTHENTICATED=true',
  },
  {
    names: ['OIDC_ISSUER', 'OIDC_AUDIENCE'],
    holds: (values) => values.OIDC_ISSUER === undefined || values.OIDC_AUDIENCE !== undefined,
    message: 'needs OIDC_AUDIENCE: without it, a token that the provider made for any other service would do here',
  },
  {
    names: ['OIDC_AUDIENCE', 'OIDC_ISSUER'],
    holds: (values) => values.OIDC_AUDIENCE === undefined || values.OIDC_ISSUER !== undefined,
    message: 'needs OIDC_ISSUER: who makes the tokens for it',
  },
];
