import { Bus1700000100001 } from './1-bus.js';
import { NewestOfKey1700000100002 } from './2-newest-of-key.js';

/** Migrations of the embedded log's tables, oldest first. What was released is never changed, only followed by another. */
export const busMigrations = [Bus1700000100001, NewestOfKey1700000100002] as const;
