/**
 * The environment, read once: the only place that knows the names of variables. {@link loadConfig} gives a frozen object in
 * the words of those who use it, or throws a {@link ConfigError} that names every mistake at once.
 */
import { z } from 'zod';
import { accessOf } from './config/access-variables.js';
import { doubtsAbout } from './config/connection-checks.js';
import type { About } from './config/fields.js';
import { findMisspelt } from './config/misspelt.js';
import { FILE_VARIABLES, readSecretFiles, type WithFiles } from './config/secret-files.js';
import { maskedUrl, registerSecrets, shown } from './config/secrets.js';
import { tracingOf } from './config/tracing-variables.js';
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
  const told: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) if (value?.trim()) told[variable] = value.trim();
  const fromFiles = readSecretFiles(told);
  const { values: given } = fromFiles;
  registerSecrets(given);
  const parsed = environment.safeParse(given);
  const misspelt = findMisspelt(Object.keys(told));
  // Whoever names a server wants that one, and no embedded part in its place.
  const missed = misspelt.filter(({ meant }) => {
    const server = FILE_VARIABLES.get(meant) ?? meant;
    return SERVERS.includes(server) && given[server] === undefined;
  });
  const mistakes = [
    ...fromFiles.mistakes,
    ...(parsed.success ? [] : mistakesOf(parsed.error, given)),
    ...missed.map(({ text }) => `${text} Without it an embedded part would be used.`),
  ];
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes);
  return frozen(
    arranged(parsed.data, fromFiles.files, [
      ...misspelt.map(({ text }) => text),
      ...fromFiles.warnings,
      ...doubtsAbout(parsed.data),
    ]),
  );
}

function arranged(values: Values, secretFiles: WithFiles['files'], warnings: readonly string[]) {
  return {
    kafka: {
      /** Null: the log is embedded in the state database. */
      brokers: values.KAFKA_BROKERS ?? null,
      topicPrefix: values.TOPIC_PREFIX,
      groupPrefix: values.KAFKA_GROUP_PREFIX,
      partitions: values.TOPIC_PARTITIONS,
      /** Null: plain text. */
      tls: values.KAFKA_SSL
        ? { ca: values.KAFKA_SSL_CA_FILE, cert: values.KAFKA_SSL_CERT_FILE, key: values.KAFKA_SSL_KEY_FILE }
        : null,
      /** Null: nobody asks who we are. */
      sasl:
        values.KAFKA_SASL_MECHANISM === undefined
          ? null
          : {
              mechanism: values.KAFKA_SASL_MECHANISM,
              username: values.KAFKA_SASL_USERNAME ?? '',
              password: values.KAFKA_SASL_PASSWORD ?? '',
            },
    },
    /** Null: a catalog embedded in the state database. */
    consul:
      values.CONSUL_HTTP_ADDR === undefined
        ? null
        : {
            address: values.CONSUL_HTTP_ADDR,
            token: values.CONSUL_HTTP_TOKEN,
            tls: values.CONSUL_HTTP_ADDR.startsWith('https:')
              ? {
                  ca: values.CONSUL_CACERT,
                  cert: values.CONSUL_CLIENT_CERT,
                  key: values.CONSUL_CLIENT_KEY,
                  serverName: values.CONSUL_TLS_SERVER_NAME,
                }
              : null,
          },
    /** Null: embedded, in `dataDir`. */
    stateDatabaseUrl: values.DATABASE_URL ?? null,
    /** Null: the embedded state database. */
    registryDatabaseUrl: values.REGISTRY_DATABASE_URL ?? values.DATABASE_URL ?? null,
    /** Whether tables are made at the start, and who is granted their use. */
    migrate: { mode: values.MIGRATE, grantTo: values.MIGRATE_GRANT_TO ?? null },
    /** Which secrets came from files, which may have others by now. */
    secretFiles,
    embedded: { dataDir: values.DATA_DIR, logRetentionMs: values.EMBEDDED_LOG_RETENTION_MS },
    registryId: values.REGISTRY_ID,
    roles: values.ROLES as readonly Role[],
    timings: {
      ackTimeoutMs: values.ACK_TIMEOUT_MS,
      livenessWindowMs: values.LIVENESS_WINDOW_MS,
      heartbeatIntervalMs: values.HEARTBEAT_INTERVAL_MS,
      degradedAcceptAfterMs: values.DEGRADED_ACCEPT_AFTER_MS,
    },
    /** What is done with signatures of messages. */
    signedEvents: values.SIGNED_EVENTS,
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
    /** Null: this process is no node. `advertisedUrl`: where others reach it; null: follows from host and port. */
    selfRegistration: values.SELF_REGISTRATION === 'true' ? { advertisedUrl: values.SELF_URL ?? null } : null,
    http: { host: values.HOST, port: values.PORT },
    access: accessOf(values, values.HOST),
    logLevel: values.LOG_LEVEL,
    /** Null: nothing is traced. */
    tracing: tracingOf(values),
    production: values.NODE_ENV === 'production',
    /** Names that look misspelt; nothing reads them. */
    warnings,
  } as const;
}

/** The effective values with every secret masked: one line of the log at start. */
export function describeConfig(config: Config): Readonly<Record<string, unknown>> {
  const {
    kafka,
    consul,
    stateDatabaseUrl,
    registryDatabaseUrl,
    tracing,
    access,
    warnings: _warnings,
    ...open
  } = config;
  return {
    ...open,
    access: { ...access, tokens: access.tokens.map(({ name, role }) => `${name}:${role}`) },
    kafka: {
      ...kafka,
      brokers: kafka.brokers ?? EMBEDDED,
      sasl: kafka.sasl === null ? null : { ...kafka.sasl, password: '***' },
    },
    consul: consul === null ? EMBEDDED : { ...consul, token: consul.token === undefined ? 'none' : '***' },
    stateDatabaseUrl: stateDatabaseUrl === null ? EMBEDDED : maskedUrl(stateDatabaseUrl),
    registryDatabaseUrl: registryDatabaseUrl === null ? EMBEDDED : maskedUrl(registryDatabaseUrl),
    tracing: tracing === null ? 'off' : { ...tracing, headers: Object.keys(tracing.headers) },
  };
}

/** Every variable, with what it has to be and what it is when absent: text for `--help`. */
export function describeVariables(): string {
  const ofValues = Object.entries(variables.shape).map(([variable, schema]) => {
    const { expected } = schema.meta() as About;
    const absent = schema.safeParse(undefined);
    const fallback = SERVERS.includes(variable)
      ? EMBEDDED
      : String((absent.data as string | number | readonly string[] | undefined) ?? 'none');
    return [variable, `${expected} [${fallback}]`] as const;
  });
  const ofFiles = [...FILE_VARIABLES].map(
    ([name, variable]) => [name, `a file that holds ${variable} [none]`] as const,
  );
  return [...ofValues, ...ofFiles].map(([name, text]) => `  ${name.padEnd(36)}${text}`).join('\n');
}

/** The names of all variables, those of files included. */
export function variableNames(): readonly string[] {
  return [...Object.keys(variables.shape), ...FILE_VARIABLES.keys()];
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
