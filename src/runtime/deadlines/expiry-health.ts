import type { Probe } from '../health-registry.js';
import type { Database } from '../journal/database.js';
import { readGuard } from '../journal/expiry-guard.js';
import type { RuntimeMetrics } from '../metrics.js';

/** Shows in every replica that expiry is held back; nothing while it is not. */
export function expiryProbe(database: Database, metrics: RuntimeMetrics): Probe {
  return {
    name: 'expiry',
    critical: false,
    onlyWhenAmiss: true,
    check: async () => {
      // The state component tells when its database is away.
      const guard = database.isReady ? await readGuard(database.pool).catch(() => null) : null;
      const held = guard !== null && guard.heldSince !== null && !guard.released;
      metrics.expiryHeld(held);
      if (!held) return {};
      const { heldSince, expiring, live } = guard;
      return {
        status: 'degraded',
        message:
          `expiry is held back since ${heldSince}: ${expiring} of ${live} nodes would expire within one window. ` +
          'It resumes when they speak again; POST /v1/expiry/release lets them expire',
        details: { heldSince, expiring, live },
      };
    },
  };
}
