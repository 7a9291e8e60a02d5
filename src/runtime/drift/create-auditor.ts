import { randomUUID } from 'node:crypto';
import { DriftAuditor, type DriftAuditorParts } from './drift-auditor.js';
import { SYSTEM_CLOCK } from './drift-clock.js';

/** The audit by the time and the ids of the world. */
export function createAuditor(parts: Omit<DriftAuditorParts, 'clock' | 'newId'>): DriftAuditor {
  return new DriftAuditor({ ...parts, clock: SYSTEM_CLOCK, newId: randomUUID });
}
