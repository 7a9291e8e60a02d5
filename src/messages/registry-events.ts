import { z } from 'zod';
import { count, nodeId, timestamp } from './fields.js';

/** Mass-expiry protection begins or ends. `node_id` is the registry's id. */
export const expiryProtection = z.object({
  node_id: nodeId,
  held_since: timestamp,
  /** Nodes that would have expired within one window, and those that owed heartbeats, when it was decided. */
  expiring: count,
  live: count,
});
