import type { Expiries } from '../load/expiries.js';
import type { GroupWatch } from '../load/group-watch.js';
import type { Handshakes } from '../load/handshakes.js';
import type { Heard } from '../load/heard.js';
import type { HeartbeatLoad } from '../load/heartbeat-load.js';
import type { Bench, Registry } from '../scenario.js';

/** What its parts work on: a fleet that beats, and ears for what the registry says. */
export type LargeFleet = {
  readonly bench: Bench;
  readonly registry: Registry;
  readonly nodeIds: readonly string[];
  /** How long a node may be silent. */
  readonly windowMs: number;
  readonly beats: HeartbeatLoad;
  readonly handshakes: Handshakes;
  readonly heard: Heard;
  readonly expiries: Expiries;
  /** How far the heartbeats are. */
  readonly watch: GroupWatch;
};

export type Size = {
  readonly nodes: number;
  readonly intervalMs: number;
  readonly starts: number;
  /** Nodes that fall silent one by one, and all at once. */
  readonly singles: number;
  readonly silent: number;
  readonly herd: number;
};
