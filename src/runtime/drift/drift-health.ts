import type { Probe } from '../health-registry.js';
import type { Database } from '../journal/database.js';
import { driftToDecide } from '../journal/drift-to-decide.js';

/** Shows in every replica that repair of drift waits for an operator; nothing while it does not. */
export function driftProbe(database: Database): Probe {
  return {
    name: 'drift',
    critical: false,
    onlyWhenAmiss: true,
    check: async () => {
      // The state component tells when its database is away.
      const waiting = database.isReady ? await driftToDecide(database.pool).catch(() => []) : [];
      if (waiting.length === 0) return {};
      return {
        status: 'degraded',
        message: waiting
          .map(({ backend, entries, text }) => `${backend}: ${entries} entries are not repaired, for ${text}`)
          .join('; '),
        details: Object.fromEntries(
          waiting.map(({ backend, reason, entries, heldSince }) => [backend, { reason, entries, heldSince }]),
        ),
      };
    },
  };
}
