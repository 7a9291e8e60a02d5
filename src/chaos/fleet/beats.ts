import { heartbeat, stamped } from '../../client/index.js';
import type { ChaosNode, Said } from './chaos-node.js';

/** Until a node has heard at which interval it is to beat. Milliseconds. */
const UNTOLD_INTERVAL_MS = 1000;

/**
 * The heartbeats that are due at `now`, and whose they are. A node whose last one is still on its way leaves the next one out: after
 * an outage there is no flood of them.
 */
export function dueBeats(
  nodes: Iterable<ChaosNode>,
  now: number,
): { readonly beating: ChaosNode[]; readonly said: Said } {
  const beating = [...nodes].filter(
    ({ fate, state, nextBeatAt, isBeating }) =>
      fate === 'stays' && state.status === 'active' && nextBeatAt <= now && !isBeating,
  );
  const said = beating.flatMap((node) => {
    const intervalMs = node.state.status === 'active' ? node.state.heartbeatIntervalMs : null;
    node.nextBeatAt = now + (intervalMs ?? UNTOLD_INTERVAL_MS);
    node.isBeating = true;
    return heartbeat(node.id, node.state).says.map((saying) => stamped(node.id, saying));
  });
  return { beating, said };
}
