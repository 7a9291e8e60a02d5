import type { LeaderLock } from '../../runtime/journal/leader-lock.js';
import type { Owner, VirtualTime } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';

/** What the leader's lock takes for a database. */
export type LeaderDatabase = ConstructorParameters<typeof LeaderLock>[0];

/** See the leader's lock: it sets the same for its session. */
export const IDLE_SESSION_MS = 5000;

class SessionEnded extends Error {
  readonly code = '57P05';
}

/** The advisory locks of the server, and the sessions that hold them. */
export class LeaderSessions {
  private readonly holders = new Map<number, LeaderSession>();
  private readonly sessions = new Set<LeaderSession>();

  constructor(
    private readonly time: VirtualTime,
    private readonly wire: Wire,
    private readonly onLead: (owner: Owner, lock: number, leads: boolean) => void,
  ) {}

  /** The database as a replica's lock sees it: nothing but sessions. */
  databaseOf(owner: Owner): LeaderDatabase {
    const database = {
      exclusive: false,
      get pool(): never {
        throw new Error('the leader works on its own session');
      },
      connectAlone: () =>
        this.wire.call(owner, 'store', 'connect', () => {
          const session = new LeaderSession(owner, this.time, this.wire, this);
          this.sessions.add(session);
          return session;
        }),
    };
    return database as unknown as LeaderDatabase;
  }

  tryLock(id: number, session: LeaderSession): boolean {
    const holder = this.holders.get(id) ?? session;
    if (holder !== session) return false;
    if (!this.holders.has(id)) this.onLead(session.owner, id, true);
    this.holders.set(id, session);
    return true;
  }

  /** Ends sessions as the server does: their locks are free, their owners hear of it if they can. */
  endAll(which: (session: LeaderSession) => boolean): void {
    for (const session of [...this.sessions]) if (which(session)) this.end(session);
  }

  end(session: LeaderSession): void {
    if (!this.sessions.delete(session)) return;
    for (const [id, holder] of this.holders) {
      if (holder !== session) continue;
      this.holders.delete(id);
      this.onLead(session.owner, id, false);
    }
    session.ended();
  }
}

/** One connection of a replica, with what the leader's lock uses of a pg client. */
export class LeaderSession {
  /** When its last request ended. */
  seenAt: number;
  private open = true;
  private readonly listeners: (() => void)[] = [];

  constructor(
    readonly owner: Owner,
    private readonly time: VirtualTime,
    private readonly wire: Wire,
    private readonly server: LeaderSessions,
  ) {
    this.seenAt = time.now;
  }

  once(event: string, listener: () => void): void {
    if (event === 'end') this.listeners.push(listener);
  }

  on(): void {
    // What breaks a connection shows as its end.
  }

  query(text: string, values: readonly unknown[] = []): Promise<{ rows: unknown[] }> {
    return this.ask(text, () =>
      text.includes('pg_try_advisory_lock')
        ? { rows: [{ held: this.server.tryLock(Number(values[0]), this) }] }
        : { rows: [] },
    );
  }

  /** A request on this session; a broken connection is broken for good. */
  async ask<T>(what: string, carryOut: () => T): Promise<T> {
    try {
      return await this.wire.call(this.owner, 'store', what, () => {
        if (!this.open) throw new SessionEnded('terminating connection');
        this.seenAt = this.time.now;
        return carryOut();
      });
    } catch (error) {
      this.time.plan(0, this.time.world, () => this.server.end(this));
      throw error;
    }
  }

  end(): Promise<void> {
    return this.wire
      .call(this.owner, 'store', 'close', () => this.server.end(this))
      .catch(() => {
        // The server hears nothing more of it, and ends it as an idle session.
        this.time.plan(IDLE_SESSION_MS, this.time.world, () => this.server.end(this));
      });
  }

  ended(): void {
    this.open = false;
    this.time.plan(this.wire.latency(), this.owner, () => {
      for (const listener of this.listeners.splice(0)) listener();
    });
  }
}
