import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError, isCode } from './embedded-postgres-error.js';

/** What this version of PGlite is, and reads. */
export const POSTGRES_MAJOR = '18';

/** Operating systems cut the path of a Unix socket at 104 or 108 bytes. */
const MAX_SOCKET_PATH_BYTES = 100;
/** PostgreSQL clients are given a folder and look for this name in it. */
const SOCKET = '.s.PGSQL.5432';
/** Whoever listens here owns the folder. */
const CLAIM = '.rollcall.sock';

/** Where everything is that belongs to one data folder; nothing of it has to exist yet. */
export type DataFolder = {
  readonly dir: string;
  /** PostgreSQL's own folder. */
  readonly database: string;
  /** Where a new one is made; it moves into its place when it is complete. */
  readonly unfinished: string;
  readonly sockets: string;
  readonly socket: string;
  readonly claim: string;
};

export function locate(dataDir: string): DataFolder {
  const dir = realPath(resolve(dataDir));
  const fits = Buffer.byteLength(join(dir, CLAIM)) <= MAX_SOCKET_PATH_BYTES;
  const sockets = fits
    ? dir
    : join(tmpdir(), `rollcall-${createHash('sha256').update(dir).digest('hex').slice(0, 24)}`);
  return {
    dir,
    database: join(dir, 'postgres'),
    unfinished: join(dir, 'postgres.new'),
    sockets,
    socket: join(sockets, SOCKET),
    claim: join(sockets, CLAIM),
  };
}

/** Makes what is missing, and makes sure that we can write. Throws {@link EmbeddedPostgresError}. */
export function prepare({ dir, database, sockets }: DataFolder): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const folder of [dir, database]) if (existsSync(folder)) accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `cannot write to the data folder ${dir}: give this user write access to it, or set DATA_DIR to another folder`,
      { cause: error },
    );
  }
  if (sockets !== dir) preparePrivate(sockets);
}

/** The folder of the temporary files is everybody's: ours in it must be nobody else's. */
function preparePrivate(sockets: string): void {
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  const found = lstatSync(sockets);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
  throw new EmbeddedPostgresError(
    `${sockets} has to be a folder that only this user can enter: remove it, or set DATA_DIR to a folder with a shorter path`,
  );
}

/** Whether a database is there. Throws {@link EmbeddedPostgresError} where what is there cannot be one of ours. */
export function findDatabase({ database }: DataFolder): boolean {
  if (!existsSync(database)) return false;
  const found = majorVersionOf(database);
  if (found === POSTGRES_MAJOR) return true;
  throw new EmbeddedPostgresError(
    found === null
      ? `${database} is not a database, or damaged: put back a copy of it, or move it away to begin with an empty one`
      : `${database} was written by PostgreSQL ${found}, and this Rollcall reads ${POSTGRES_MAJOR}: start the version of Rollcall that ` +
          'wrote it, or move the folder away to begin with an empty one',
  );
}

function majorVersionOf(database: string): string | null {
  try {
    return readFileSync(join(database, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Without links, as far as the path exists: the same folder always has the same name. */
function realPath(path: string): string {
  if (existsSync(path) || dirname(path) === path) return realpathSync(path);
  return join(realPath(dirname(path)), basename(path));
}
