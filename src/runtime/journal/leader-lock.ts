import type { Client } from 'pg';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Database } from './database.js';
import type { Queryable } from './due-deadlines.js';

/** Of all replicas on one state database, the one that scans for deadlines. */
const SCANNER_LOCK = 7_022_002;
/** A leader that asks nothing for so long is stopped or cut off: the server ends its session, and the lock is free. */
const IDLE_SESSION_MS = 5000;
/** How often {@link LeaderLock.keep} is due: well within that time. */
export const KEEP_EVERY_MS = IDLE_SESSION_MS / 5;

/**
 * Leadership by a session's advisory lock. The work of the leader is done on the very connection that holds the lock, so it
 * cannot go on without it. A killed leader's lock is free at once, that of one that hangs after {@link IDLE_SESSION_MS}.
 */
export class LeaderLock {
  private client: Client | undefined;
  private holds = false;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
  ) {}

  /** Where the leader asks; null while another one leads. Rejects while the database cannot be reached. */
  async lead(): Promise<Queryable | null> {
    // Nobody else can be connected.
    if (this.database.exclusive) return this.database.pool;
    const client = (this.client ??= await this.connect());
    if (this.holds) return client;
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [SCANNER_LOCK]);
    // A lock whose connection was given up meanwhile is none.
    if (rows[0]?.held !== true || this.client !== client) return null;
    this.holds = true;
    this.log.info('leads the scan for deadlines');
    return client;
  }

  /** Shows the server that the process is alive while it rests; a connection that has broken is given up. */
  async keep(): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    try {
      await client.query('select 1');
    } catch (error) {
      this.lost(client, errorText(error));
      await client.end();
    }
  }

  /** Gives the lock back, with its connection. */
  async release(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.holds = false;
    await client?.end();
  }

  private async connect(): Promise<Client> {
    const client = await this.database.connectAlone('scanner');
    client.once('end', () => this.lost(client, 'closed'));
    client.on('error', (error) => this.lost(client, errorText(error)));
    try {
      await client.query(`set idle_session_timeout = ${IDLE_SESSION_MS}`);
      return client;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  private lost(client: Client, reason: string): void {
    if (this.client !== client) return;
    if (this.holds) this.log.warn({ reason }, 'lost the lead of the scan for deadlines');
    this.client = undefined;
    this.holds = false;
  }
}
