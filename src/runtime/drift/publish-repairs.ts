import type { Publish } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { Finding } from './backend-audit.js';
import type { DriftClock } from './drift-clock.js';
import { repairRecord, type RepairOrigin } from './repair-record.js';

/** Repairs of one publish. */
export const REPAIR_BATCH = 200;

export type RepairParts = {
  readonly publish: Publish;
  readonly repairsPerSecond: number;
  readonly clock: DriftClock;
  /** Asked before every batch: whether this process still may, and the backend still can. */
  readonly mayGoOn: () => Promise<boolean>;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/** Asks the reducer for repairs, batch by batch, no faster than allowed. Resolves to how many were asked for. */
export async function publishRepairs(
  findings: readonly Finding[],
  origin: Omit<RepairOrigin, 'now'>,
  { publish, repairsPerSecond, clock, mayGoOn, log, signal }: RepairParts,
): Promise<number> {
  const size = Math.min(REPAIR_BATCH, repairsPerSecond);
  let asked = 0;
  while (asked < findings.length) {
    const batch = findings.slice(asked, asked + size);
    if (signal.aborted || !(await mayGoOn())) {
      log.warn({ ...origin, left: findings.length - asked }, 'repair stops half-way; the next audit goes on');
      return asked;
    }
    await publish(batch.map((finding) => repairRecord(finding, { ...origin, now: clock.wall() })));
    asked += batch.length;
    log.info({ ...origin, repairs: batch.length, left: findings.length - asked }, 'asked for repairs of drift');
    if (asked < findings.length) await clock.pause((batch.length / repairsPerSecond) * 1000, signal);
  }
  return asked;
}
