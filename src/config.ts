/**
 * The environment, read once: the only place that knows the names of variables. {@link loadConfig} gives a frozen object in
 * the words of those who use it, or throws a {@link ConfigError} that names every mistake at once.
 */
import { z } from 'zod';
import type { About } from './config/fields.js';
import { findMisspelt } from './config/misspelt.js';
import { maskedUrl, registerSecrets, shown } from './config/secrets.js';
import { CROSS_CHECKS, variables, type Role, type Values, type Variable } from './config/variables.js';

export { ROLES, type Role } from './config/variables.js';

/** Everything about the environment that can be wrong; a cross check is passed over where its own variables already are. */
const environment = CROSS_CHECKS.reduce(
  (schema, { names, holds, message }) =>
    schema.refine(holds, {
      path: [names[0]],
      params: { cross: message },
      when: ({ issues }) => !issues.some((issue) => names.includes(issue.path?.[0] as Variable)),
    }),
  variables,
);

/** Thrown by {@link loadConfig}; the message is for a person, names every mistake, and holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
    const list = mistakes.map((text) => `  - ${text}`).join('\n');
    super(`Rollcall cannot start: ${count} in its environment\n${list}`);
  }
}

export type Config = ReturnType<typeof arranged>;

/**
 * The configuration that an environment describes, deeply frozen. An empty value counts as absent. Secrets
 * in it become unprintable for `redact`. Throws {@link ConfigError}.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) if (value?.trim()) given[variable] = value.trim();
  registerSecrets(given);
  const parsed = environment.safeParse(given);
  const misspelt = findMisspelt(Object.keys(given));
  // Whoever names a server wants that one, and no embedded part in its place.
  const missed = misspelt.filter(({ meant }) => SERVERS.includes(meant) && given[meant] === undefined);
  const mistakes = [
    ...(parsed.success ? [] : mistakesOf(parsed.error, given)),
    ...missed.map(({ text }) => `${text} Without it an embedded part would be used.`),
  ];
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes);
  return frozen(
    arranged(
      parsed.data,
      misspelt.map(({ text }) => text),
    ),
  );
}

function arranged(values: Values, warnings: readonly string[]) {
  return {
    kafka: {
      /** Null: the log is embedded in the state database. */
      brokers: values.KAFKA_BROKERS ?? null,
      topicPrefix: values.TOPIC_PREFIX,
      groupPrefix: values.KAFKA_GROUP_PREFIX,
      partitions: values.TOPIC_PARTITIONS,
    },
    /** Null: a catalog embedded in the state database. */
    consul:
      values.CONSUL_HTTP_ADDR === undefined
        ? null
        : { address: values.CONSUL_HTTP_ADDR, token: values.CONSUL_HTTP_TOKEN },
    /** Null: embedded, in `dataDir`. */
    stateDatabaseUrl: values.DATABASE_URL ?? null,
    /** Null: the embedded state database. */
    registryDatabaseUrl: values.REGISTRY_DATABASE_URL ?? values.DATABASE_URL ?? null,
    embedded: { dataDir: values.DATA_DIR, logRetentionMs: values.EMBEDDED_LOG_RETENTION_MS },
    registryId: values.REGISTRY_ID,
    roles: values.ROLES as readonly Role[],
    timings: {
      ackTimeoutMs: values.ACK_TIMEOUT_MS,
      livenessWindowMs: values.LIVENESS_WINDOW_MS,
      heartbeatIntervalMs: values.HEARTBEAT_INTERVAL_MS,
      degradedAcceptAfterMs: values.DEGRADED_ACCEPT_AFTER_MS,
    },
    deadlines: {
      scanIntervalMs: values.DEADLINE_SCAN_INTERVAL_MS,
      maxHeartbeatsPerSecond: values.MAX_HEARTBEATS_PER_SECOND,
      massExpiry: { share: values.MASS_EXPIRY_SHARE_PERCENT / 100, minNodes: values.MASS_EXPIRY_MIN_NODES },
    },
    drift: {
      auditIntervalMs: values.DRIFT_AUDIT_INTERVAL_MS,
      repair: values.DRIFT_REPAIR,
      repairsPerSecond: values.DRIFT_REPAIRS_PER_SECOND,
      maxShare: values.DRIFT_MAX_SHARE_PERCENT / 100,
    },
    resilience: {
      retryAttempts: values.RETRY_ATTEMPTS,
      retryBaseMs: values.RETRY_BASE_MS,
      retryMaxMs: values.RETRY_MAX_MS,
      breakerFailures: values.BREAKER_FAILURES,
      breakerResetMs: values.BREAKER_RESET_MS,
    },
    http: { host: values.HOST, port: values.PORT },
    logLevel: values.LOG_LEVEL,
    production: values.NODE_ENV === 'production',
    /** Names that look misspelt; nothing reads them. */
    warnings,
  } as const;
}

/** The effective values with every secret masked: one line of the log at start. */
export function describeConfig(config: Config): Readonly<Record<string, unknown>> {
  const { kafka, consul, stateDatabaseUrl, registryDatabaseUrl, warnings: _warnings, ...open } = config;
  return {
    ...open,
    kafka: { ...kafka, brokers: kafka.brokers ?? EMBEDDED },
    consul: consul === null ? EMBEDDED : { ...consul, token: consul.token === undefined ? 'none' : '***' },
    stateDatabaseUrl: stateDatabaseUrl === null ? EMBEDDED : maskedUrl(stateDatabaseUrl),
    registryDatabaseUrl: registryDatabaseUrl === null ? EMBEDDED : maskedUrl(registryDatabaseUrl),
  };
}

/** Every variable, with what it has to be and what it is when absent: text for `--help`. */
export function describeVariables(): string {
  return Object.entries(variables.shape)
    .map(([variable, schema]) => {
      const { expected } = schema.meta() as About;
      const absent = schema.safeParse(undefined);
      const fallback = SERVERS.includes(variable) ? EMBEDDED : String(absent.data ?? 'none');
      return `  ${variable.padEnd(26)}${expected} [${fallback}]`;
    })
    .join('\n');
}

const SERVERS: readonly string[] = ['KAFKA_BROKERS', 'CONSUL_HTTP_ADDR', 'DATABASE_URL'] satisfies Variable[];
const EMBEDDED = 'embedded';

function mistakesOf(error: z.ZodError, given: Readonly<Record<string, string>>) {
  const mistakes = new Map<string, string>();
  for (const issue of error.issues) {
    const variable = issue.path[0] as Variable;
    if (!mistakes.has(variable)) mistakes.set(variable, mistakeOf(variable, given[variable] ?? '', issue));
  }
  return [...mistakes.values()];
}

function mistakeOf(variable: Variable, value: string, issue: z.core.$ZodIssue): string {
  const { expected, example } = variables.shape[variable].meta() as About;
  const cross = issue.code === 'custom' ? (issue.params?.['cross'] as string | undefined) : undefined;
  if (cross !== undefined) return `${variable}=${shown(variable, value)} ${cross}`;
  const fallback = variables.shape[variable] instanceof z.ZodDefault ? ' (or leave it out)' : '';
  return `${variable}=${shown(variable, value)} is not valid. Expected: ${expected}, such as ${variable}=${example}${fallback}`;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
