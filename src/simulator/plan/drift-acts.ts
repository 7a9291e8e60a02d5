import type { Random } from '../random.js';
import { CONSUL_DAMAGES, TABLE_DAMAGES, type Act } from './plan.js';

/** What befalls the backends behind the registry's back, and what operators ask its audit for. */
export function driftActs(random: Random, calmAt: number): readonly Act[] {
  const acts: Act[] = [];
  const at = (): number => random.int(3000, calmAt);
  for (let times = random.chance(0.5) ? random.int(1, 6) : 0; times > 0; times--) {
    acts.push({ at: at(), do: 'damage-consul', how: random.pick(CONSUL_DAMAGES), pick: random.next() });
  }
  for (let times = random.chance(0.5) ? random.int(1, 4) : 0; times > 0; times--) {
    acts.push({ at: at(), do: 'damage-table', how: random.pick(TABLE_DAMAGES), pick: random.next() });
  }
  if (random.chance(0.15)) acts.push({ at: at(), do: 'wipe', backend: random.pick(['consul', 'postgres'] as const) });
  for (let times = random.chance(0.3) ? random.int(1, 3) : 0; times > 0; times--) {
    acts.push({
      at: at(),
      do: 'ask-repair',
      backend: random.pick(['consul', 'postgres', null] as const),
      dryRun: random.chance(0.3),
      force: random.chance(0.5),
    });
  }
  return acts;
}
