import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE } from '../../runtime/index.js';
import {
  deadLetterById,
  listDeadLetters,
  recordRedrive,
  type DeadLetter,
  type DeadLetterDetail,
  type DeadLetterFilter,
} from './dead-letters.js';
import type { Slice } from './fleet-reader.js';
import type { Page } from './node.js';
import { Slots } from './slots.js';

/** Statements at once. Operators look at dead letters, no program does: they may wait for each other. */
const MAX_STATEMENTS = 2;

/** What the API shows of dead letters. Every method throws StateUnavailable. */
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

  recordRedrive(id: string): Promise<void> {
    return this.slots.run(() => recordRedrive(this.database, id));
  }
}
