import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { POSTGRES_MAJOR } from '../../src/runtime/embedded/data-folder.js';
import { EmbeddedPostgresError } from '../../src/runtime/embedded/embedded-postgres-error.js';
import { EmbeddedPostgres } from '../../src/runtime/embedded/embedded-postgres.js';
import { Engine } from '../../src/runtime/embedded/engine.js';
import { queryMessage } from '../../src/runtime/embedded/wire.js';
import { emptyDatabaseIn } from './embedded-database.js';

const log = pino({ level: 'silent' });

describe('the embedded database', () => {
  let root: string;
  let dataDir: string;
  const opened: { close(): Promise<void> }[] = [];

  const open = async (dir = dataDir): Promise<EmbeddedPostgres> => {
    if (dir === dataDir) await copy();
    const postgres = new EmbeddedPostgres({ dataDir: dir, log });
    opened.push(postgres);
    await postgres.ready;
    return postgres;
  };
  const connect = async ({ url }: { url: string }): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url, application_name: 'test' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const refusalOf = (dir: string): Promise<unknown> =>
    new EmbeddedPostgres({ dataDir: dir, log }).ready.then(
      () => null,
      (error: unknown) => error,
    );

  /** In place of the folder's files, which are made in seconds, a copy. */
  const copy = async (): Promise<void> => {
    if (!existsSync(join(dataDir, 'postgres'))) await emptyDatabaseIn(dataDir);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'embedded-'));
    dataDir = join(root, 'data');
  });

  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('is made where there is none, and not in its place before it is complete', async () => {
    const dir = join(root, 'new');
    mkdirSync(join(dir, 'postgres.new'), { recursive: true });
    writeFileSync(join(dir, 'postgres.new', 'PG_VERSION'), 'half made');
    await open(dir);
    expect(readFileSync(join(dir, 'postgres', 'PG_VERSION'), 'utf8').trim()).toBe(POSTGRES_MAJOR);
    expect(existsSync(join(dir, 'postgres.new'))).toBe(false);
  });

  it('has everything after a close', async () => {
    const first = await open();
    const client = await connect(first);
    await client.query('create table kept (id integer); insert into kept values (1)');
    await client.end();
    await first.close();
    const again = await connect(await open());
    expect((await again.query('select id from kept')).rows).toEqual([{ id: 1 }]);
    await again.end();
  });

  it('waits for what it cannot lose: synced, before a commit is answered', async () => {
    const client = await connect(await open());
    const { rows } = await client.query(
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits,
         current_setting('full_page_writes') as pages, current_setting('wal_sync_method') as method`,
    );
    expect(rows).toEqual([{ fsync: 'on', commits: 'on', pages: 'on', method: 'fsync' }]);
    await client.end();
  });

  it('refuses a second one on the same folder, and lets it in after the first', async () => {
    const first = await open();
    const refusal = await refusalOf(dataDir);
    expect(refusal).toBeInstanceOf(EmbeddedPostgresError);
    expect(String(refusal)).toContain(`another Rollcall uses ${dataDir}: stop it, or set DATA_DIR`);
    const client = await connect(first);
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await first.close();
    await open();
  });

  it('lets only one of several in that start at the same time on a folder left by a killed process', async () => {
    await copy();
    await killedOwner(dataDir);
    const all = await Promise.allSettled([open(), open(), open()]);
    expect(all.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    await connect((await open().catch(() => opened[0])) as EmbeddedPostgres).then((client) => client.end());
  });

  it('works in a folder whose path is too long for a socket', async () => {
    const dir = join(root, 'long-'.repeat(20));
    await emptyDatabaseIn(dir);
    const postgres = await open(dir);
    const sockets = new URL(postgres.url).searchParams.get('host') ?? '';
    expect(dirname(sockets)).toBe(tmpdir());
    opened.unshift({ close: () => rm(sockets, { recursive: true }) });
    const client = await connect(postgres);
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    expect(String(await refusalOf(dir))).toContain('another Rollcall uses');
  });

  it.each([
    ['a file', (dir: string) => writeFileSync(dir, ''), 'cannot write to the data folder'],
    ['not a database', (dir: string) => mkdirSync(join(dir, 'postgres'), { recursive: true }), 'is not a database'],
    [
      'of another version',
      (dir: string) => {
        mkdirSync(join(dir, 'postgres'), { recursive: true });
        writeFileSync(join(dir, 'postgres', 'PG_VERSION'), '17\n');
      },
      `was written by PostgreSQL 17, and this Rollcall reads ${POSTGRES_MAJOR}`,
    ],
  ])('says so where the folder is %s', async (_what, prepare, message) => {
    const dir = join(root, 'other');
    prepare(dir);
    const refusal = await refusalOf(dir);
    expect(refusal).toBeInstanceOf(EmbeddedPostgresError);
    expect(String(refusal)).toContain(message);
  });

  it('says so where the data are damaged, with the reason that PostgreSQL gives', async () => {
    await copy();
    writeFileSync(join(dataDir, 'postgres', 'global', 'pg_control'), Buffer.alloc(100));
    const refusal = String(await refusalOf(dataDir));
    expect(refusal).toMatch(/cannot be opened.*could not read file "global\/pg_control".*put back a copy/);
    expect(String(await refusalOf(dataDir))).toContain('cannot be opened'); // and does not stay claimed
  });

  describe('to its clients', () => {
    let shared: EmbeddedPostgres;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'embedded-'));
      await emptyDatabaseIn(folder);
      shared = new EmbeddedPostgres({ dataDir: folder, log });
      await shared.ready;
    });

    afterAll(async () => {
      await shared.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('is the same server: prepared statements, errors inside transactions, settings', async () => {
      const client = await connect(shared);
      const prepared = { name: 'sum', text: 'select $1::integer + $2::integer as sum', values: [1, 2] };
      expect((await client.query(prepared)).rows).toEqual([{ sum: 3 }]);
      expect((await client.query(prepared)).rows).toEqual([{ sum: 3 }]);
      await client.query('begin');
      await expect(client.query('select 1 / $1::integer', [0])).rejects.toMatchObject({ code: '22012' });
      await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
      await client.query('rollback');
      const long = 'x'.repeat(5_000_000);
      const { rows } = await client.query<{ back: string }>('select $1::text as back', [long]);
      expect(rows[0]?.back === long).toBe(true);
      await client.end();
    });

    it('leaves nothing of a client that broke inside a transaction to the next', async () => {
      const first = await connect(shared);
      await first.query({ name: 'same', text: 'select 1 as one' });
      await first.query(`select pg_advisory_lock(7); set application_name = 'first'`);
      await first.query('begin');
      await first.query('create table unfinished (id integer)');
      streamOf(first).destroy();
      const next = await connect(shared);
      const { rows } = await next.query(
        `select to_regclass('unfinished') as made, pg_current_xact_id_if_assigned() as transaction,
           current_setting('application_name') as name,
           (select count(*)::integer from pg_locks where locktype = 'advisory') as locks`,
      );
      expect(rows).toEqual([{ made: null, transaction: null, name: expect.not.stringContaining('first'), locks: 0 }]);
      expect((await next.query({ name: 'same', text: 'select 2 as two' })).rows).toEqual([{ two: 2 }]);
      await next.end();
    });

    it('never sees half of a statement whose client broke off while sending it', async () => {
      const first = await connect(shared);
      const parse = Buffer.from('P\0\0\0\x11\0select 1/0\0\0\0', 'latin1');
      await new Promise((resolve) => streamOf(first).write(parse, resolve));
      streamOf(first).destroy();
      const next = await connect(shared);
      expect((await next.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await next.end();
    });

    it('is cleaned between its transactions, never inside one', async () => {
      await copy();
      const engine = await Engine.open(join(dataDir, 'postgres'), log, () => process.exit(1));
      await engine.send(queryMessage('begin'));
      let isDone = false;
      const cleaned = engine.run('vacuum').then(() => {
        isDone = true;
      });
      await engine.send(queryMessage('select 1'));
      expect(isDone).toBe(false);
      await engine.send(queryMessage('commit'));
      await cleaned;
      await engine.close();
    });

    it('gives a pool of one a new connection after the old one broke', async () => {
      const pool = new pg.Pool({ connectionString: shared.url, max: 1, connectionTimeoutMillis: 60_000 });
      pool.on('error', () => undefined);
      for (let round = 0; round < 3; round++) {
        const client = await pool.connect();
        client.on('error', () => undefined);
        await client.query('begin');
        client.release(true);
        expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      }
      await pool.end();
    });

    it('is cut off by a close, and what it has not committed is gone', async () => {
      const postgres = await open();
      const client = await connect(postgres);
      await client.query('create table kept (id integer)');
      await client.query('begin; insert into kept values (1)');
      await postgres.close();
      const next = await connect(await open());
      expect((await next.query('select id from kept')).rows).toEqual([]);
      await next.end();
    });
  });

  it('has after kill -9 all that was acknowledged, and at most the one transaction more that was under way', async () => {
    await copy();
    const acknowledged = await killedOwner(dataDir);
    const client = await connect(await open());
    const { rows } = await client.query<{ ids: number[] }>('select array_agg(id order by id) as ids from written');
    const ids = rows[0]?.ids ?? [];
    expect(acknowledged).toBeGreaterThan(100);
    expect(ids).toEqual(Array.from(ids, (_id, index) => index + 1));
    expect([acknowledged, acknowledged + 1]).toContain(ids.length);
    expect((await client.query('select id from written where not whole')).rows).toEqual([]);
    await client.end();
  });

  it('ends the process when PostgreSQL panics, and the next start recovers', async () => {
    await copy();
    const child = runChild(dataDir, 'panic');
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
    renameSync(join(dataDir, 'away'), join(dataDir, 'postgres', 'pg_wal'));
    const client = await connect(await open());
    expect((await client.query('select id from written order by id limit 1')).rows).toEqual([{ id: 1 }]);
    await client.end();
  });
});

function streamOf(client: pg.Client): { destroy(): void; write(data: Buffer, done: (error?: unknown) => void): void } {
  return (client as unknown as { connection: { stream: ReturnType<typeof streamOf> } }).connection.stream;
}

function runChild(dataDir: string, mode: 'write' | 'panic') {
  const script = new URL('./embedded-owner.mjs', import.meta.url).pathname;
  return spawn(process.execPath, [script, dataDir, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills a process in the middle of its writes; returns the last one that it was told is committed. */
async function killedOwner(dataDir: string): Promise<number> {
  const child = runChild(dataDir, 'write');
  let acknowledged = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged === 150) child.kill('SIGKILL');
  }
  return acknowledged;
}
