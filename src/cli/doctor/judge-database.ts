import type { DatabaseFacts } from '../../runtime/index.js';
import { fail, judged, some, warn, type Finding } from './finding.js';

/** Most connections that a process takes: pools, and what it holds on to alone. */
const CONNECTIONS = { state: 18, registry: 4 } as const;
const OLDEST_VERSION = 140_000;

export type DatabaseName = keyof typeof CONNECTIONS;

/** A database and its server, as far as a registry rests on them. Decides alone. */
export function judgeDatabase(name: DatabaseName, facts: DatabaseFacts): readonly Finding[] {
  return [
    ...judgeServer(name, facts),
    ...judgeDurability(name, facts),
    ...judgeConnections(name, facts),
    ...judgeMigrations(name, facts),
  ];
}

function judgeServer(
  name: DatabaseName,
  { version, encoding, isStandby, settings }: DatabaseFacts,
): readonly Finding[] {
  const check = `postgres.${name}.server`;
  const isReadOnly = settings['default_transaction_read_only'] === 'on';
  return judged(check, `PostgreSQL ${Math.floor(version / 10_000)}, ${encoding}`, [
    version < OLDEST_VERSION &&
      fail(check, {
        what: `the server is PostgreSQL ${Math.floor(version / 10_000)}, and 14 is the oldest that serves`,
        why: 'Statements of the registry use what older servers do not have.',
        mend: 'Upgrade the server.',
      }),
    (isStandby || isReadOnly) &&
      fail(check, {
        what: isStandby ? 'the server is a standby' : 'default_transaction_read_only is on',
        why: 'It takes no writes, so nothing can be decided, and no record stored.',
        mend: isStandby
          ? 'Set the URL to the primary server (target_session_attrs=read-write finds it among several).'
          : `Take it back for this database or user: ALTER DATABASE … RESET default_transaction_read_only.`,
      }),
    encoding !== 'UTF8' &&
      fail(check, {
        what: `the encoding of the database is ${encoding}`,
        why: 'A node may write any character into its metadata, and this database cannot store all of them.',
        mend: "Make the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
      }),
  ]);
}

function judgeDurability(name: DatabaseName, { settings }: DatabaseFacts): readonly Finding[] {
  const check = `postgres.${name}.durability`;
  const off = ['fsync', 'full_page_writes'].filter((setting) => settings[setting] === 'off');
  return judged(check, 'what was committed survives a crash of the server', [
    off.length > 0 &&
      fail(check, {
        what: `${off.join(' and ')} ${off.length > 1 ? 'are' : 'is'} off`,
        why: 'A crash of the machine can destroy the database as a whole.',
        mend: 'Set them to on in postgresql.conf, and restart the server.',
      }),
    settings['synchronous_commit'] === 'off' &&
      fail(check, {
        what: 'synchronous_commit is off',
        why: 'The registry publishes what it decided once it is stored; after a crash the nodes would know of steps that it has forgotten.',
        mend: 'ALTER DATABASE … RESET synchronous_commit (or of the role), or set it to on in postgresql.conf.',
      }),
  ]);
}

function judgeConnections(name: DatabaseName, facts: DatabaseFacts): readonly Finding[] {
  const check = `postgres.${name}.connections`;
  const { connectionLimits: limits, connectionsNow } = facts;
  const needed = CONNECTIONS[name];
  const low = (['database', 'user'] as const).filter((whose) => limits[whose] >= 0 && limits[whose] < needed);
  const free = limits.server - connectionsNow;
  return judged(check, `${free} of ${limits.server} connections are free, a process takes up to ${needed}`, [
    low.length > 0 &&
      fail(check, {
        what: low.map((whose) => `the ${whose} may have ${limits[whose]} connections`).join(', '),
        why: `A process of the registry takes up to ${needed}; one that gets none waits, and then fails its step.`,
        mend: `ALTER ${low.includes('user') ? 'ROLE' : 'DATABASE'} … CONNECTION LIMIT -1, or ${needed} for each replica.`,
      }),
    free < needed &&
      warn(check, {
        what: `${free} of ${limits.server} connections are free`,
        why: `A process of the registry takes up to ${needed}: another replica might get none.`,
        mend: 'Raise max_connections, or end what holds them (pg_stat_activity tells who).',
      }),
  ]);
}

function judgeMigrations(name: DatabaseName, { migrations, mayCreate }: DatabaseFacts): readonly Finding[] {
  const check = `postgres.${name}.migrations`;
  const { applied, missing, unknown } = migrations;
  return judged(check, `all ${applied.length} migrations have run`, [
    unknown.length > 0 &&
      fail(check, {
        what: `the database has migrations that this release does not know: ${some(unknown)}`,
        why: 'A newer release has been here: this one would read and write tables whose shape it does not know.',
        mend: 'Run the release that made them, or a newer one; or restore the backup from before the upgrade.',
      }),
    missing.length > 0 &&
      !mayCreate &&
      fail(check, {
        what: `${missing.length} migrations are missing, and this user may not make tables`,
        why: 'The registry migrates when it starts; without the right it stays unready.',
        mend: 'GRANT CREATE ON SCHEMA public TO …, or start it once as a user that may.',
      }),
    missing.length > 0 &&
      mayCreate &&
      warn(check, {
        what: `${missing.length} migrations have not run: ${some(missing)}`,
        why: 'Nothing is lost: the registry runs them when it starts. Until then its tables are not there, or are old.',
        mend: 'Start the registry; make a backup before, if the tables are not empty.',
      }),
  ]);
}
