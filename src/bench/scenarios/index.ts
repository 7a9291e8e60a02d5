import type { BenchOptions } from '../options.js';
import type { Scenario } from '../scenario.js';
import { heartbeats } from './heartbeats.js';
import { largeFleet } from './large-fleet.js';
import { latencies } from './latencies.js';
import { profile } from './profile.js';
import { reads } from './reads.js';
import { registrations } from './registrations.js';
import { scaleOut } from './scale-out.js';
import { soak } from './soak.js';
import { yardsticks } from './yardsticks.js';

/** In the order in which they are run: later ones use results of earlier ones. */
export const SCENARIOS: readonly Scenario[] = [
  yardsticks,
  registrations,
  profile,
  latencies,
  heartbeats,
  largeFleet,
  reads,
  scaleOut,
  soak,
];

/** Not in a quick run, unless they are asked for by name. */
const LONG: ReadonlySet<string> = new Set(['soak', 'scale-out']);

/** Those to run, in their order. The profile is told, not compared: it is there where somebody asks for it. */
export function scenariosFor({
  only,
  quick,
  profile: isProfiled,
}: Pick<BenchOptions, 'only' | 'quick' | 'profile'>): readonly Scenario[] {
  return SCENARIOS.filter(({ name }) => {
    if (name === profile.name && isProfiled) return true;
    if (only !== undefined) return only.includes(name);
    return name !== profile.name && !(quick && LONG.has(name));
  });
}
