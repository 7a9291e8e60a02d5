import type { Scenario } from '../scenario.js';
import { heartbeats } from './heartbeats.js';
import { largeFleet } from './large-fleet.js';
import { latencies } from './latencies.js';
import { reads } from './reads.js';
import { registrations } from './registrations.js';
import { scaleOut } from './scale-out.js';
import { soak } from './soak.js';
import { yardsticks } from './yardsticks.js';

/** In the order in which they are run: later ones use results of earlier ones. */
export const SCENARIOS: readonly Scenario[] = [
  yardsticks,
  registrations,
  latencies,
  heartbeats,
  largeFleet,
  reads,
  scaleOut,
  soak,
];

/** Not in a quick run, unless they are asked for by name. */
export const LONG: ReadonlySet<string> = new Set(['soak', 'scale-out']);
