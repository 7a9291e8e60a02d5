import { Bus1700000100001 } from './1-bus.js';

/** Migrations of the embedded log's tables, oldest first. What was released is never changed, only followed by another. */
export const busMigrations = [Bus1700000100001] as const;
