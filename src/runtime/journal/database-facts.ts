import type { Client } from 'pg';
import type { MigrationInterface } from 'typeorm';
import { clientOf, type DatabaseUrl } from './connection-of.js';

/** What is there in a database for a registry, and how its server is set up. */
export type DatabaseFacts = {
  /** 150018 for 15.18. */
  readonly version: number;
  /** How far its clock is from ours, as far as the way there lets one tell. Milliseconds; above 0: it is ahead. */
  readonly clockMs: number;
  /** Settings of a new session, as PostgreSQL writes them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly encoding: string;
  readonly isStandby: boolean;
  /** Connections that the server, this database and this user may have at most; -1: no limit of its own. */
  readonly connectionLimits: { readonly server: number; readonly database: number; readonly user: number };
  readonly connectionsNow: number;
  /** Whether the user may make tables. */
  readonly mayCreate: boolean;
  /** By name, the oldest first. */
  readonly migrations: {
    readonly applied: readonly string[];
    readonly missing: readonly string[];
    /** Of a release that this one does not know. */
    readonly unknown: readonly string[];
  };
};

export type DatabaseFactsOptions = {
  readonly url: DatabaseUrl;
  /** As in {@link DatabaseOptions}: `state`, `registry`. */
  readonly name: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
  readonly timeoutMs: number;
};

const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'default_transaction_read_only'];

/** Looks, and changes nothing. Rejects with what the server, or the way to it, has against it. */
export async function readDatabaseFacts(options: DatabaseFactsOptions): Promise<DatabaseFacts> {
  const client = new (clientOf(options.url))({
    application_name: 'rollcall-doctor',
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
  });
  // One that breaks fails the query on it, which is what its user hears of.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await gather(client, options);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function gather(client: Client, { name, migrations }: DatabaseFactsOptions): Promise<DatabaseFacts> {
  const { rows } = await client.query<Row>(
    `select current_setting('server_version_num')::int as version,
            current_setting('server_encoding') as encoding,
            pg_is_in_recovery() as standby,
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as server,
            (select datconnlimit from pg_database where datname = current_database()) as database,
            (select rolconnlimit from pg_roles where rolname = current_user) as "user",
            (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
            coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as may_create`,
  );
  const row = rows[0]!;
  const settings = await client.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any($1)',
    [SETTINGS],
  );
  return {
    version: row.version,
    clockMs: await clockOf(client),
    settings: Object.fromEntries(settings.rows.map((one) => [one.name, one.setting])),
    encoding: row.encoding,
    isStandby: row.standby,
    connectionLimits: { server: row.server, database: row.database, user: row.user },
    connectionsNow: row.connections,
    mayCreate: row.may_create,
    migrations: await migrationsOf(client, `rollcall_${name}_migrations`, migrations),
  };
}

type Row = {
  readonly version: number;
  readonly encoding: string;
  readonly standby: boolean;
  readonly server: number;
  readonly database: number;
  readonly user: number;
  readonly connections: number;
  readonly may_create: boolean;
};

/** The answer was made between the question and its arrival: in the middle, as far as one can tell. */
async function clockOf(client: Client): Promise<number> {
  const before = Date.now();
  const { rows } = await client.query<{ at: string }>('select extract(epoch from clock_timestamp()) * 1000 as at');
  return Number(rows[0]?.at) - (before + Date.now()) / 2;
}

async function migrationsOf(
  client: Client,
  table: string,
  migrations: DatabaseFactsOptions['migrations'],
): Promise<DatabaseFacts['migrations']> {
  const known = migrations.map((Migration) => new Migration().name ?? Migration.name);
  const { rows: found } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    table,
  ]);
  if (found[0]?.there !== true) return { applied: [], missing: known, unknown: [] };
  const { rows } = await client.query<{ name: string }>(`select name from ${table} order by timestamp, id`);
  const applied = rows.map(({ name }) => name);
  return {
    applied,
    missing: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}
