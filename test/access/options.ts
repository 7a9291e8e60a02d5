import type { AccessOptions } from '../../src/api/index.js';

/** As on loopback with nothing configured, but for the changes. */
export function accessOptions(changes: Partial<AccessOptions> = {}): AccessOptions {
  return {
    open: true,
    tokens: [],
    oidc: null,
    hosts: { own: '127.0.0.1', allowed: [] },
    trustedProxies: [],
    metricsPublic: false,
    limits: { commands: 0, reads: 0, node: 0, failures: 0 },
    auditRetentionDays: 365,
    ...changes,
  };
}
