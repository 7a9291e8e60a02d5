/**
 * A process of its own that uses an embedded database: `node embedded-owner.mjs DATA_DIR write|panic`. `write` commits
 * transactions until it is killed, and prints the number of each one that it was told is committed. `panic` moves the
 * write-ahead log's folder away, to `DATA_DIR/away`.
 */
import { renameSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';

register('./embedded-loader.mjs', import.meta.url);
const { EmbeddedPostgres } = await import('../../src/runtime/embedded/embedded-postgres.ts');

const [dataDir, mode] = process.argv.slice(2);
const postgres = new EmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
await postgres.ready;
const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
await client.query('create table written (id integer primary key, filler text, whole boolean not null)');
if (mode === 'panic') {
  await client.query(`insert into written values (1, '', true)`);
  await client.query('checkpoint');
  renameSync(join(dataDir, 'postgres', 'pg_wal'), join(dataDir, 'away'));
}
for (let id = 2 - Number(mode === 'write'); ; id++) {
  await client.query('begin');
  const filler = mode === 'panic' ? 'md5(random()::text || g)' : `repeat('x', 2000)`;
  const rows = mode === 'panic' ? 20_000 : 1;
  await client.query(
    `insert into written select $1::integer + g, ${filler}, false from generate_series(0, $2::integer - 1) g`,
    [id, rows],
  );
  await client.query('update written set whole = true where not whole');
  await client.query('commit');
  if (mode === 'write') process.stdout.write(`${id}\n`);
  else id += rows;
}
