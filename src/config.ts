/**
 * The environment, read once: the only place that knows the names of variables. {@link loadConfig} gives a frozen object in
 * the words of those who use it, or throws a {@link ConfigError} that names every mistake at once.
 */
import { z } from 'zod';
import { redact, registerSecret } from './messages/index.js';

export const ROLES = ['api', 'orchestrator', 'reducer', 'consul', 'postgres', 'heartbeats'] as const;
export type Role = (typeof ROLES)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** The longest that a timer of Node can wait. */
const MAX_MS = 2_147_483_647;

/** What a variable has to be, in words, and a value that is. Both stand in the message about a mistake. */
type About = { readonly expected: string; readonly example: string };

function about<T extends z.ZodType>(schema: T, expected: string, example: string): T {
  return schema.meta({ expected, example } satisfies About);
}

function integer(fallback: number, min: number, max: number, what = `a whole number from ${min} to ${max}`) {
  const digits = z.string().regex(/^\d{1,10}$/);
  const number = digits.transform(Number).pipe(z.number().min(min).max(max));
  return about(number.default(fallback), what, String(fallback));
}

function milliseconds(fallback: number) {
  return integer(fallback, 1, MAX_MS, 'a whole number of milliseconds, at least 1');
}

function name(fallback: string, maxLength: number) {
  const text = z.string().regex(new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${maxLength - 1}}$`));
  const what = `1-${maxLength} letters, digits, ".", "_" or "-", beginning with a letter or digit`;
  return about(text.default(fallback), what, fallback);
}

function oneOf<const T extends readonly string[]>(values: T, fallback: T[number]) {
  return about(z.enum(values).default(fallback as never), `one of ${values.join(', ')}`, fallback);
}

const list = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== ''));

const brokers = about(
  list.pipe(z.array(z.string().refine(isBroker)).min(1)).optional(),
  'host:port of one or more Kafka brokers, separated by commas',
  '127.0.0.1:9092',
);

const consulAddress = about(
  z
    .string()
    .transform((text) => (text.includes('://') ? text : `http://${text}`))
    .refine((text) => {
      const url = URL.canParse(text) ? new URL(text) : null;
      return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[@?#]/.test(text);
    })
    .transform((text) => new URL(text).origin)
    .optional(),
  'http://host:port, https://host:port or host:port, without path; a token belongs in CONSUL_HTTP_TOKEN',
  'http://127.0.0.1:8500',
);

const postgresUrl = z.string().refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text));
const POSTGRES_URL = [
  'the URL of a PostgreSQL database, special characters of its password percent-encoded',
  'postgres://user:password@127.0.0.1:5432/rollcall',
] as const;

const token = about(
  z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
  'a Consul ACL token, without blanks',
  '…',
);
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

const variables = z.object({
  KAFKA_BROKERS: brokers,
  CONSUL_HTTP_ADDR: consulAddress,
  CONSUL_HTTP_TOKEN: token,
  DATABASE_URL: about(postgresUrl.optional(), ...POSTGRES_URL),
  REGISTRY_DATABASE_URL: about(postgresUrl.optional(), ...POSTGRES_URL),
  DATA_DIR: about(z.string().default('data'), 'the folder of the embedded parts', '/var/lib/rollcall'),
  TOPIC_PREFIX: name('dev.onex', 150),
  KAFKA_GROUP_PREFIX: name('bridge-registry-group', 150),
  TOPIC_PARTITIONS: integer(6, 1, 1000),
  REGISTRY_ID: name('rollcall', 60),
  ROLES: roles,
  ACK_TIMEOUT_MS: milliseconds(30_000),
  LIVENESS_WINDOW_MS: milliseconds(30_000),
  HEARTBEAT_INTERVAL_MS: milliseconds(10_000),
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
  NODE_ENV: about(
    z.string().default('development'),
    'any text; "production" closes GraphQL introspection',
    'production',
  ),
});

type Variable = keyof typeof variables.shape;
type Values = z.output<typeof variables>;
type CrossCheck = {
  readonly names: readonly [Variable, Variable];
  readonly holds: (values: Values) => boolean;
  readonly message: string;
};

const CROSS_CHECKS: readonly CrossCheck[] = [
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
    holds: ({ ROLES: given, DATABASE_URL: url }) => url !== undefined || ROLES.every((role) => given.includes(role)),
    message:
      'splits the work over several processes, but only one can open the embedded database: set DATABASE_URL (or leave ROLES out)',
  },
];

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

/** A value as it may be printed. What could hold a password, and is not a URL in which it could be told, is left out. */
function shown(variable: Variable, value: string): string {
  if (variable === 'CONSUL_HTTP_TOKEN') return '***';
  if (!variable.endsWith('DATABASE_URL') && !value.includes('@')) return JSON.stringify(redact(value, 200));
  return /^\w+:\/\//.test(value) && URL.canParse(value)
    ? JSON.stringify(maskedUrl(value))
    : '*** (not shown: it may hold a password)';
}

function maskedUrl(text: string): string {
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return redact(url.href);
}

function registerSecrets(given: Readonly<Record<string, string>>): void {
  registerSecret(given['CONSUL_HTTP_TOKEN']);
  for (const text of [given['DATABASE_URL'], given['REGISTRY_DATABASE_URL']]) {
    if (text === undefined || !URL.canParse(text)) continue;
    const url = new URL(text);
    for (const password of [url.password, url.searchParams.get('password') ?? '']) {
      // One that is also the name of user or database is no secret, and would mask that word everywhere.
      if (password === url.username || password === url.pathname.slice(1)) continue;
      registerSecret(password);
      registerSecret(decoded(password));
    }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Misspelt = { readonly meant: Variable; readonly text: string };

/** Unknown names that are all but equal to a known one. */
function findMisspelt(names: readonly string[]): Misspelt[] {
  const known = Object.keys(variables.shape) as Variable[];
  return names
    .filter((given) => given.length > 5 && !known.includes(given as Variable))
    .flatMap((given) => {
      const meant = known.find((variable) => variable.length > 5 && distance(given, variable) <= 2);
      return meant === undefined ? [] : [{ meant, text: `${given} is set: was ${meant} meant?` }];
    });
}

/** Levenshtein's: insertions, deletions and replacements that make one word of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, its] of [...other].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === its ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function isBroker(text: string): boolean {
  const port = /^(?:[\w.-]+|\[[\da-f:.]+\]):(\d{1,5})$/i.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
