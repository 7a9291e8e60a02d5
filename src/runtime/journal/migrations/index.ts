import { MachineStatesAndJournal1700000000001 } from './1-machine-states-and-journal.js';
import { ReadIndexes1700000000002 } from './2-read-indexes.js';

/** Migrations of the state database, oldest first. What was released is never changed, only followed by another. */
export const stateMigrations = [MachineStatesAndJournal1700000000001, ReadIndexes1700000000002] as const;
