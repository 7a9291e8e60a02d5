import type { DeadlineStore } from '../journal/deadline-store.js';
import type { Leadership } from '../journal/leader-lock.js';
import type { Publish } from '../lanes/lane.js';
import type { Timings } from '../lanes/step.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { NotaryOf } from '../signatures/notary-of.js';
import type { Transport } from '../transport.js';
import { DEADLINE_TOPICS } from '../../messages/index.js';
import { DeadlineScanner } from './deadline-scanner.js';
import { MassExpiryGuard } from './mass-expiry-guard.js';
import type { MassExpiryOptions } from './mass-expiry.js';
import type { Pacing } from './pacing.js';

export type ScannerParts = {
  readonly leadership: Leadership<DeadlineStore>;
  readonly transport: Pick<Transport, 'progress'>;
  readonly publish: Publish;
  /** Absent: markers are not signed. */
  readonly notary?: NotaryOf | undefined;
  readonly pacing: Pacing;
  readonly registryId: string;
  readonly timings: Timings;
  readonly scanIntervalMs: number;
  readonly massExpiry: MassExpiryOptions;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** The scanner with its guard. */
export function createScanner(parts: ScannerParts): DeadlineScanner {
  const { leadership, transport, massExpiry, scanIntervalMs, ...shared } = parts;
  return new DeadlineScanner({
    ...shared,
    lock: leadership,
    guard: new MassExpiryGuard({ massExpiry, ...shared }),
    heartbeatProgress: () => transport.progress('heartbeats', DEADLINE_TOPICS.liveness),
    intervalMs: scanIntervalMs,
  });
}
