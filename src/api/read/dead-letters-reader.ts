import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE } from '../../runtime/index.js';
import { deadLetterById, type DeadLetterDetail, type Redrive } from './dead-letters-detail.js';
import type { DeadLetterFilter } from './dead-letters-filter.js';
import {
  countDeadLetters,
  originalsByIds,
  recordRedrives,
  redriveCandidates,
  releaseFromQuarantine,
  type Candidate,
  type Original,
} from './dead-letters-redrives.js';
import { listDeadLetters, type DeadLetter } from './dead-letters.js';
import type { Slice } from './fleet-reader.js';
import type { Page } from './node.js';
import { Slots } from './slots.js';

/** Statements at once. Operators look at dead letters, no program does: they may wait for each other. */
const MAX_STATEMENTS = 2;

/** What the API knows of dead letters. A method is one statement. Every method throws StateUnavailable. */
@Injectable()
export class DeadLetterReader {
  private readonly slots = new Slots(MAX_STATEMENTS);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  list(filter: DeadLetterFilter, slice: Slice): Promise<Page<DeadLetter, string>> {
    return this.slots.run(() => listDeadLetters(this.database, filter, slice));
  }

  /** Null for an unknown one. */
  one(id: string): Promise<DeadLetterDetail | null> {
    return this.slots.run(() => deadLetterById(this.database, id));
  }

  candidates(filter: DeadLetterFilter, limit: number): Promise<readonly Candidate[]> {
    return this.slots.run(() => redriveCandidates(this.database, filter, limit));
  }

  originals(ids: readonly string[]): Promise<readonly Original[]> {
    return this.slots.run(() => originalsByIds(this.database, ids));
  }

  recordRedrives(ids: readonly string[], redrive: Omit<Redrive, 'redrivenAt'>): Promise<void> {
    return this.slots.run(() => recordRedrives(this.database, ids, redrive));
  }

  /** The letters that were in quarantine; null for an unknown one. */
  release(id: string): Promise<readonly string[] | null> {
    return this.slots.run(() => releaseFromQuarantine(this.database, id));
  }

  count(): Promise<{ readonly stored: number; readonly quarantined: number }> {
    return this.slots.run(() => countDeadLetters(this.database));
  }
}
