import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Engine } from './engine.js';

const INTERVAL_MS = 15_000;
/** A checkpoint when so much log was written: it bounds the folder, and the time that a start after a crash takes. */
const CHECKPOINT_AFTER_BYTES = 48 * 1024 * 1024;
/** Tables are cleaned when so much was written, or an hour after something was. */
const VACUUM_AFTER_BYTES = 192 * 1024 * 1024;
const VACUUM_AFTER_MS = 3600 * 1000;
const WRITTEN_WORTH_IT = 1024 * 1024;

const WRITTEN = `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint`;
const TABLES = `select format('%I.%I', schemaname, relname) from pg_stat_user_tables order by 1`;

/**
 * What a PostgreSQL server's background processes do, and PGlite has none of them: checkpoints and vacuum. Statements
 * wait until the client is in no transaction. Each blocks the process while it runs, so tables are taken one at a time.
 */
export class Upkeep {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private closed = false;
  private checkpointAt = 0;
  private vacuumAt = 0;
  private vacuumedMs = Date.now();

  constructor(
    private readonly engine: Pick<Engine, 'run'>,
    private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    this.checkpointAt = this.vacuumAt = await this.written();
    this.plan();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private plan(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.working = this.round().then(
        () => this.plan(),
        (error: unknown) => {
          this.log.warn({ error: errorText(error) }, 'upkeep of the embedded database failed, trying again');
          this.plan();
        },
      );
    }, INTERVAL_MS);
    this.timer.unref();
  }

  /** Does what is due. */
  async round(): Promise<void> {
    const written = await this.written();
    const unclean = written - this.vacuumAt;
    const isHourOver = Date.now() - this.vacuumedMs > VACUUM_AFTER_MS && unclean > WRITTEN_WORTH_IT;
    if (unclean > VACUUM_AFTER_BYTES || isHourOver) {
      this.vacuumAt = written;
      this.vacuumedMs = Date.now();
      await this.vacuum();
    }
    if (written - this.checkpointAt > CHECKPOINT_AFTER_BYTES && !this.closed) {
      await this.engine.run('checkpoint');
      this.checkpointAt = written;
    }
  }

  private async vacuum(): Promise<void> {
    for (const table of await this.engine.run(TABLES)) {
      if (this.closed) return;
      await this.engine.run(`vacuum (analyze) ${table}`);
    }
  }

  /** Bytes of write-ahead log in the life of this database. */
  private async written(): Promise<number> {
    return Number((await this.engine.run(WRITTEN))[0]);
  }
}
