import type { Pool } from 'pg';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Appended } from './appended.js';
import type { GroupReader } from './group-reader.js';
import { renewLeases, RENEW_EVERY_MS, returnLeases } from './lease.js';
import { endOfLog, registerGroup } from './offsets.js';
import { Rounds } from './rounds.js';

/** How often to look whether another process has appended something. */
const LOOK_EVERY_MS = 500;

export type SharingOptions = {
  /** What the leases of this process are held by. */
  readonly owner: string;
  readonly readers: readonly GroupReader[];
  readonly pool: () => Pool;
  readonly appended: Appended;
  readonly log: Log;
};

/** What is needed where other processes use the same log: leases of the groups, and a look for what they append. */
export class Sharing {
  private readonly rounds: readonly Rounds[];
  private held: readonly string[] = [];
  private seenEnd = 0n;

  constructor(private readonly options: SharingOptions) {
    const { log } = options;
    this.rounds = [
      new Rounds('keeping the leases', RENEW_EVERY_MS, () => this.renew(), log),
      new Rounds('looking for records of others', LOOK_EVERY_MS, () => this.look(), log),
    ];
  }

  get failure(): string | null {
    return this.rounds.map((round) => round.failure).find((reason) => reason !== null) ?? null;
  }

  start(): void {
    for (const round of this.rounds) round.start('now');
  }

  /** After the readers have finished: until then the leases are kept. */
  async close(): Promise<void> {
    const { pool, owner, log } = this.options;
    await Promise.all(this.rounds.map((round) => round.close()));
    try {
      await returnLeases(pool(), owner);
    } catch (error) {
      log.warn({ error: errorText(error) }, 'the leases were not given back; they run out by themselves');
    }
  }

  private async renew(): Promise<void> {
    const { pool, owner, readers, appended, log } = this.options;
    if (readers.length === 0) return;
    if (this.held.length === 0) {
      for (const { group, topics } of readers) await registerGroup(pool(), group, topics);
    }
    const groups = readers.map(({ group }) => group);
    const held = await renewLeases(pool(), owner, groups);
    const gained = held.filter((group) => !this.held.includes(group));
    const lost = this.held.filter((group) => !held.includes(group));
    this.held = held;
    if (lost.length > 0) log.warn({ groups: lost }, 'another process reads for these consumer groups now');
    if (gained.length === 0) return;
    log.info({ groups: gained }, 'reading for these consumer groups');
    appended.notify();
  }

  private async look(): Promise<void> {
    const end = await endOfLog(this.options.pool());
    if (end !== this.seenEnd) this.options.appended.notify();
    this.seenEnd = end;
  }
}
