import { setTimeout as sleep } from 'node:timers/promises';
import { afterDeadline, afterLastHeartbeat, type Expiry } from '../load/expiries.js';
import { scrape } from '../load/scrape.js';
import { until } from '../load/until.js';
import { percentile } from '../rounds.js';
import type { Figure } from '../scenario.js';
import type { LargeFleet } from './large-fleet-parts.js';

export type Silence = {
  readonly expiries: readonly Expiry[];
  /** The mass-expiry guard held expiry back at some time. */
  readonly wasHeld: boolean;
};

/** Beyond the window, for finding and telling. */
const TOLD_WITHIN_MS = 120_000;
const HELD = 'rollcall_expiry_held';

/** Nodes fall silent one after the other, so far apart that each is the only one that expires. */
export async function singleSilences(fleet: LargeFleet, nodeIds: readonly string[]): Promise<Silence> {
  const { bench, expiries, beats } = fleet;
  for (const nodeId of nodeIds) {
    expiries.silence([nodeId]);
    await beats.silence([nodeId]);
    await sleep(bench.quick ? 500 : 1500, undefined, { signal: bench.signal });
  }
  return told(fleet, nodeIds);
}

/** All of them fall silent at once. */
export async function massSilence(fleet: LargeFleet, nodeIds: readonly string[]): Promise<Silence> {
  fleet.expiries.silence(nodeIds);
  await fleet.beats.silence(nodeIds);
  return told(fleet, nodeIds);
}

async function told({ bench, registry, expiries, windowMs }: LargeFleet, nodeIds: readonly string[]): Promise<Silence> {
  let wasHeld = false;
  const allTold = async (): Promise<boolean> => {
    wasHeld ||= ((await scrape(registry.baseUrl)).get(HELD) ?? 0) > 0;
    return expiries.of(nodeIds).length === nodeIds.length;
  };
  const otherwise = (): string =>
    `of ${nodeIds.length} silent nodes ${expiries.of(nodeIds).length} have expired${wasHeld ? ': the mass-expiry guard holds the others back' : ''}`;
  await until(allTold, otherwise, { withinMs: windowMs + TOLD_WITHIN_MS, everyMs: 250, signal: bench.signal });
  return { expiries: expiries.of(nodeIds), wasHeld };
}

export function silenceFigures(single: Silence, mass: Silence): readonly Figure[] {
  const many = `${mass.expiries.length} silent at once`;
  const of = (one: Silence, way: (expiry: Expiry) => number, percent: number): number =>
    percentile(one.expiries.map(way), percent);
  return [
    {
      name: 'one silent node: deadline to LIVENESS_EXPIRED (each of several)',
      unit: 'ms',
      values: single.expiries.map(afterDeadline),
    },
    {
      name: 'one silent node: deadline to LIVENESS_EXPIRED p99',
      unit: 'ms',
      values: [of(single, afterDeadline, 99)],
      wanted: 'at most 2000 ms; goal 1000 ms',
    },
    {
      name: 'one silent node: last heartbeat to LIVENESS_EXPIRED (each of several)',
      unit: 'ms',
      values: single.expiries.map(afterLastHeartbeat),
    },
    { name: `${many}: deadline to LIVENESS_EXPIRED p50`, unit: 'ms', values: [of(mass, afterDeadline, 50)] },
    { name: `${many}: deadline to LIVENESS_EXPIRED p99`, unit: 'ms', values: [of(mass, afterDeadline, 99)] },
    { name: `${many}: last heartbeat to LIVENESS_EXPIRED p99`, unit: 'ms', values: [of(mass, afterLastHeartbeat, 99)] },
    { name: `${many}: held back by the mass-expiry guard (1: yes)`, unit: '', values: [mass.wasHeld ? 1 : 0] },
  ];
}
