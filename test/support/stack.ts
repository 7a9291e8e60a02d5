import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, jest } from '@jest/globals';
import pg from 'pg';

/** What a suite against real servers needs, and the variable that says where it is. */
const VARIABLES = { kafka: 'KAFKA_BROKERS', consul: 'CONSUL_HTTP_ADDR', postgres: 'DATABASE_URL' } as const;
export type Server = keyof typeof VARIABLES;

/** More than all waits of a test together: each then says by itself what it waited for in vain. */
const STACK_TIMEOUT_MS = 300_000;
const HOW_TO_RUN = 'npm run stack -- up && eval "$(npm run --silent stack -- env)"';

/**
 * A `describe` that needs real servers. Without them its tests are skipped, and the run says so at its end; under
 * REQUIRE_STACK=1 it fails instead. The body runs even then (Jest counts its tests), so connect in `beforeAll`, not in it.
 */
export function describeStack(name: string, needs: readonly Server[], fn: () => void): void {
  const missing = needs.map((server) => VARIABLES[server]).filter((variable) => !process.env[variable]);
  jest.setTimeout(STACK_TIMEOUT_MS);
  if (missing.length === 0) describe(name, fn);
  else if (process.env['REQUIRE_STACK'] === '1') {
    describe(name, () => {
      it('has the servers that it needs', () => {
        throw new Error(`${missing.join(', ')} not set, and REQUIRE_STACK=1 forbids to skip. Try: ${HOW_TO_RUN}`);
      });
    });
  } else describe.skip(`${name} [skipped: ${missing.join(', ')} not set]`, fn); // read by scripts/jest-skipped.mjs
}

/** Where a server is: the value of its variable. Only in suites that said they need it. */
export function addressOf(server: Server): string {
  const address = process.env[VARIABLES[server]];
  if (!address) throw new Error(`${VARIABLES[server]} is not set. Does the suite name '${server}' in describeStack?`);
  return address;
}

/** A name that no other test, run or developer uses: for topic prefixes, group prefixes, registry ids, databases. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
}

export type TestDatabase = {
  readonly url: string;
  /** Deletes it, closing whatever is still connected. */
  readonly drop: () => Promise<void>;
};

/** An empty database on the server of DATABASE_URL: one for each test file, dropped in its `afterAll`. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = uniqueName('test').replaceAll('-', '_');
  await administer(`CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(addressOf('postgres'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropDatabase(name) };
}

/** The server waits five seconds for those that it has told to go, which a busy machine may need longer for. */
async function dropDatabase(name: string): Promise<void> {
  await until(() => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(() => true), {
    what: `the end of database ${name}`,
  });
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: addressOf('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/** Long enough for a machine that has other work to do: only a test that fails anyway waits as long. */
const PATIENCE_MS = 60_000;

/**
 * Asks until the answer is truthy, and returns it. An exception counts as "not yet". For what real systems do not tell by
 * themselves; where there is an event, wait for the event.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = PATIENCE_MS, everyMs = 50, what }: { timeoutMs?: number; everyMs?: number; what: string },
): Promise<Truthy<T>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await condition();
      if (answer) return answer as Truthy<T>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}; last answer: ${String(last)}`, { cause: last });
    }
    await sleep(everyMs);
  }
}
