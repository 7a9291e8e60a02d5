import { renameSync, rmSync } from 'node:fs';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import { claimFolder, type Claim } from './claim-folder.js';
import { findDatabase, locate, prepare, type DataFolder } from './data-folder.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { Engine } from './engine.js';
import { SessionServer } from './session-server.js';
import { Upkeep } from './upkeep.js';

export type EmbeddedPostgresOptions = {
  /** Made if absent. One process at a time can use it. */
  readonly dataDir: string;
  readonly log: Log;
};

type Running = {
  readonly claim: Claim;
  readonly engine: Engine;
  readonly server: SessionServer;
  readonly upkeep: Upkeep;
};

/**
 * PostgreSQL inside this process (PGlite), for `pg` clients to connect to as to any other: by a Unix socket, one client at
 * a time. What is committed is on disk before the client hears of it.
 */
export class EmbeddedPostgres {
  /** Where clients connect, once it is {@link ready}. */
  readonly url: string;
  /** Rejects with {@link EmbeddedPostgresError} when the database cannot be opened: waiting does not help. */
  readonly ready: Promise<void>;
  private readonly folder: DataFolder;
  private readonly opening: Promise<Running>;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: EmbeddedPostgresOptions) {
    this.folder = locate(options.dataDir);
    // The port, and no encryption, are said for the environment's sake: PGPORT and PGSSLMODE would count otherwise.
    this.url = `postgresql://postgres@localhost:5432/postgres?sslmode=disable&host=${encodeURIComponent(this.folder.sockets)}`;
    this.opening = this.open();
    this.ready = this.opening.then(() => undefined);
    // Whoever waits hears of it; nobody has to.
    this.ready.catch(() => undefined);
  }

  /** After the last client has closed its connections; what is left of them is cut off. */
  close(): Promise<void> {
    this.closing ??= this.opening.then(stop, () => undefined);
    return this.closing;
  }

  private async open(): Promise<Running> {
    const { folder, options } = this;
    try {
      prepare(folder);
      const claim = await claimFolder(folder);
      try {
        return { claim, ...(await this.run()) };
      } catch (error) {
        await claim.release();
        throw error;
      }
    } catch (error) {
      options.log.error({ error: errorText(error) }, 'the embedded database cannot be opened');
      if (error instanceof EmbeddedPostgresError) throw error;
      throw new EmbeddedPostgresError(`the data folder ${folder.dir} cannot be used: ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  private async run(): Promise<Omit<Running, 'claim'>> {
    const { folder } = this;
    const { log } = this.options;
    if (!findDatabase(folder)) await create(folder, log);
    const engine = await openEngine(folder.database, log);
    const upkeep = new Upkeep(engine, log);
    await upkeep.start();
    const server = new SessionServer(engine, folder.socket, log);
    await server.listen();
    log.info({ folder: folder.dir }, 'the embedded database is open');
    return { engine, server, upkeep };
  }
}

async function stop({ claim, engine, server, upkeep }: Running): Promise<void> {
  // Upkeep may wait for the end of a transaction that only the server's close will end.
  const upkeepClosed = upkeep.close();
  await server.close();
  await upkeepClosed;
  await engine.close();
  await claim.release();
}

/** Beside its place, and then moved there: what a killed process left half made is never taken for a database. */
async function create({ database, unfinished, dir }: DataFolder, log: Log): Promise<void> {
  log.info({ folder: dir }, 'making an embedded database, which takes a few seconds');
  rmSync(unfinished, { recursive: true, force: true });
  const engine = await Engine.open(unfinished, log, dieOf(log));
  await engine.close();
  renameSync(unfinished, database);
}

async function openEngine(database: string, log: Log): Promise<Engine> {
  try {
    return await Engine.open(database, log, dieOf(log));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `the database in ${database} cannot be opened (${errorText(error)}): put back a copy of the folder, or move it away ` +
        'to begin with an empty one',
      { cause: error },
    );
  }
}

/**
 * What PostgreSQL does on a panic (a full disk, a file that is gone): the process ends, and the next start recovers. Not
 * by an orderly stop: PGlite would go on in an endless loop as soon as it has control again.
 */
function dieOf(log: Log): (reason: string) => never {
  return (reason) => {
    log.fatal(
      `the embedded database cannot go on: ${errorText(reason)}. Check the disk, then start again: what was committed is kept`,
    );
    process.exit(1);
  };
}
