import { MachineStatesAndJournal1700000000001 } from './1-machine-states-and-journal.js';
import { ReadIndexes1700000000002 } from './2-read-indexes.js';
import { Deadlines1700000000003 } from './3-deadlines.js';
import { Operations1700000000004 } from './4-operations.js';
import { DeadLetters1700000000005 } from './5-dead-letters.js';
import { DeadLetterKeys1700000000006 } from './6-dead-letter-keys.js';
import { DeadLetterLineage1700000000007 } from './7-dead-letter-lineage.js';
import { Drift1700000000008 } from './8-drift.js';
import { AsOf1700000000009 } from './9-as-of.js';
import { AnnouncedDeadlines1700000000010 } from './10-announced-deadlines.js';
import { CheaperCompression1700000000011 } from './11-cheaper-compression.js';
import { TextAndColumns1700000000012 } from './12-text-and-columns.js';
import { SnapshotSweeps1700000000013 } from './13-snapshot-sweeps.js';
import { Audit1700000000014 } from './14-audit.js';
import { SignedEvents1700000000015 } from './15-signed-events.js';

/** Migrations of the state database, oldest first. What was released is never changed, only followed by another. */
export const stateMigrations = [
  MachineStatesAndJournal1700000000001,
  ReadIndexes1700000000002,
  Deadlines1700000000003,
  Operations1700000000004,
  DeadLetters1700000000005,
  DeadLetterKeys1700000000006,
  DeadLetterLineage1700000000007,
  Drift1700000000008,
  AsOf1700000000009,
  AnnouncedDeadlines1700000000010,
  CheaperCompression1700000000011,
  TextAndColumns1700000000012,
  SnapshotSweeps1700000000013,
  Audit1700000000014,
  SignedEvents1700000000015,
] as const;
