import type { KeyObject } from 'node:crypto';
import { join, type Membership } from '../client/sdk.js';
import type { Log } from '../runtime/index.js';
import { selfDescription, type SelfOptions } from './self-description.js';

/** A stop waits for no more than this, and for the connection to close. Milliseconds. */
const GOODBYE_WITHIN_MS = 1500;

/**
 * Joins the fleet that this process registers, as every node does: through the log, or the gateway of its own port. `key`: the registry's,
 * where messages are signed.
 */
export function joinOwnFleet(options: SelfOptions, log: Log, key?: KeyObject): Membership {
  const { ownUrl } = options;
  const membership = join({
    ...selfDescription(options),
    ready: async () => (await fetch(`${ownUrl}/health/ready`)).ok,
    goodbyeWithinMs: GOODBYE_WITHIN_MS,
    ...(key && { signing: { privateKey: key } }),
  });
  const of = { nodeId: membership.nodeId };
  return membership
    .on('active', () => log.info(of, 'joined its own fleet'))
    .on('rejected', ({ reasonCode, reason }) =>
      log.warn({ ...of, reasonCode, reason }, 'its own fleet does not admit it'),
    )
    .on('expired', ({ cause }) => log.warn({ ...of, cause }, 'taken out of its own fleet, joins again'))
    .on('removed', ({ reason }) =>
      log.warn({ ...of, reason }, 'removed from its own fleet, stays out until it is restarted'),
    )
    .on('lost', ({ reason }) => log.warn({ ...of, reason }, 'its own fleet cannot be reached'))
    .on('found', ({ afterMs }) => log.info({ ...of, afterMs }, 'its own fleet is reached again'))
    .on('error', (error) => log.warn({ ...of, error: error.message }, 'trouble with its own fleet'))
    .on('left', ({ told }) => log.info({ ...of, told }, 'left its own fleet'));
}
