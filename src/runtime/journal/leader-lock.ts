import type { Client } from 'pg';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Database } from './database.js';
import type { Queryable } from './due-deadlines.js';

/** An advisory lock of the state database: `id` is the same in every replica, `name` says in the log what its holder leads. */
export type LockName = { readonly id: number; readonly name: string };

/** Of all replicas on one state database, the one that scans for deadlines. */
export const SCANNER_LOCK: LockName = { id: 7_022_002, name: 'the scan for deadlines' };
/** The one that audits the backends. */
export const DRIFT_LOCK: LockName = { id: 7_022_003, name: 'the drift audit' };
/** A leader that asks nothing for so long is stopped or cut off: the server ends its session, and the lock is free. */
const IDLE_SESSION_MS = 5000;
/** How often {@link LeaderLock.keep} is due: well within that time. */
export const KEEP_EVERY_MS = IDLE_SESSION_MS / 5;

/**
 * Who of the replicas does what only one may do. `Work` is what the leader works with, and cannot work without once it has lost
 * the lead.
 */
export type Leadership<Work> = {
  /** Null while another one leads. Rejects while nobody can tell. */
  lead(): Promise<Work | null>;
  /** Shows that the process is alive while it rests; due every {@link KEEP_EVERY_MS}. */
  keep(): Promise<void>;
  /** Gives the lead back. */
  release(): Promise<void>;
};

/** The same lead, its work done through other verbs. */
export function leadThrough<Work, Verbs>(
  leadership: Leadership<Work>,
  verbsOf: (work: Work) => Verbs,
): Leadership<Verbs> {
  return {
    lead: async () => {
      const work = await leadership.lead();
      return work === null ? null : verbsOf(work);
    },
    keep: () => leadership.keep(),
    release: () => leadership.release(),
  };
}

/**
 * Leadership by a session's advisory lock. The work of the leader is done on the very connection that holds the lock, so it
 * cannot go on without it. A killed leader's lock is free at once, that of one that hangs after {@link IDLE_SESSION_MS}.
 */
export class LeaderLock implements Leadership<Queryable> {
  private client: Client | undefined;
  private holds = false;

  constructor(
    private readonly database: Pick<Database, 'exclusive' | 'pool' | 'connectAlone'>,
    private readonly lock: LockName,
    private readonly log: Log,
  ) {}

  /** Where the leader asks; null while another one leads. Rejects while the database cannot be reached. */
  async lead(): Promise<Queryable | null> {
    // Nobody else can be connected.
    if (this.database.exclusive) return this.database.pool;
    const client = (this.client ??= await this.connect());
    if (this.holds) return client;
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [this.lock.id]);
    // A lock whose connection was given up meanwhile is none.
    if (rows[0]?.held !== true || this.client !== client) return null;
    this.holds = true;
    this.log.info(`leads ${this.lock.name}`);
    return client;
  }

  /** Shows the server that the process is alive; a connection that has broken is given up. */
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
    const client = await this.database.connectAlone('leader');
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
    if (this.holds) this.log.warn({ reason }, `lost the lead of ${this.lock.name}`);
    this.client = undefined;
    this.holds = false;
  }
}
