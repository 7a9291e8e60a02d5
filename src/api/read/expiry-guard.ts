import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE } from '../../runtime/index.js';
import { rowsOf } from './query.js';
import { Slots } from './slots.js';

/** Whether silent nodes expire now. Times are RFC 3339, UTC. */
export type ExpiryDocument = {
  /** `running`: each in its time. `held`: too many at once, so none. `released`: all of them, as an operator wants it. */
  readonly status: 'running' | 'held' | 'released';
  /** Since when expiry is held back; null while it is not. */
  readonly heldSince: string | null;
  /** Nodes that were about to expire when the scanner last decided to hold or resume, and those that owed heartbeats. */
  readonly expiring: number;
  readonly live: number;
  /** Until when an operator lets everything expire; null when that is over, or was never said. */
  readonly releasedUntil: string | null;
  /** Why it is not running; null while it is. */
  readonly reason: string | null;
};

type Row = {
  readonly held_since: Date | null;
  readonly expiring: number;
  readonly live: number;
  readonly released_until: Date | null;
};

const COLUMNS = `held_since, expiring, live,
  case when released_until > clock_timestamp() then released_until end as released_until`;

/**
 * The one row by which operators and the scanner of deadlines speak to each other: the scanner reads it in every round and
 * writes what it holds back, operators write until when everything may expire. Every method throws StateUnavailable.
 */
@Injectable()
export class ExpiryGuard {
  private readonly slots = new Slots(1);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  read(): Promise<ExpiryDocument> {
    return this.row(`select ${COLUMNS} from expiry_guard`);
  }

  /** Lets everything expire for so long, from now on, by the database's clock. */
  release(forMs: number): Promise<ExpiryDocument> {
    return this.row(
      `update expiry_guard set released_until =
         date_trunc('milliseconds', clock_timestamp()) + $1::float8 * interval '1 millisecond'
       returning ${COLUMNS}`,
      forMs,
    );
  }

  resumeProtection(): Promise<ExpiryDocument> {
    return this.row(`update expiry_guard set released_until = null returning ${COLUMNS}`);
  }

  private async row(text: string, ...values: readonly number[]): Promise<ExpiryDocument> {
    const [row] = await this.slots.run(() => rowsOf<Row>(this.database, { text, values }));
    if (row === undefined) throw new Error('expiry_guard has lost its row: insert into expiry_guard default values');
    return documentOf(row);
  }
}

function documentOf({ held_since, expiring, live, released_until }: Row): ExpiryDocument {
  const heldSince = held_since?.toISOString() ?? null;
  const releasedUntil = released_until?.toISOString() ?? null;
  const document = { heldSince, expiring, live, releasedUntil };
  if (releasedUntil !== null) {
    const reason = `an operator lets everything expire until ${releasedUntil}, or POST /v1/expiry/resume-protection`;
    return { ...document, status: 'released', reason };
  }
  if (heldSince === null) return { ...document, status: 'running', reason: null };
  const reason =
    `${expiring} of ${live} nodes would expire within one window; expiry resumes when they speak again, or by ` +
    'POST /v1/expiry/release';
  return { ...document, status: 'held', reason };
}
