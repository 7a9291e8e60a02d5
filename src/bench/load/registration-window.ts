import { setTimeout as sleep } from 'node:timers/promises';
import type { Counts } from '../driver/closed-loop.js';
import type { Bench, CpuSeconds, Place, Result } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';
import { median } from '../rounds.js';
import { until } from './until.js';

/** Nodes of this load send no heartbeats, and are not to expire while it lasts. */
export const NO_HEARTBEATS_DUE = { LIVENESS_WINDOW_MS: '3600000', HEARTBEAT_INTERVAL_MS: '600000' } as const;

const FIRST_WITHIN_MS = 60_000;

export type Window = { readonly operations: number; readonly seconds: number; readonly cpu: CpuSeconds };

/** The closed loop of the sustained registrations for a while: how many nodes became active in it after the warm-up, which
 * begins when the first one is active. */
export async function registrationWindow(
  bench: Bench,
  { topicPrefix, groupPrefix }: Place,
  { warmUpMs, windowMs }: { readonly warmUpMs: number; readonly windowMs: number },
): Promise<Window> {
  const { outstanding, servers, signal, usage } = bench;
  const settings = { brokers: servers.brokers, topicPrefix, groupPrefix, nodePrefix: 'bench', outstanding };
  const driver = await bench.startChild('driver/main.js', settings);
  const active = async (): Promise<number> => ((await driver.ask('counts')) as Counts).active;
  await driver.ask('begin');
  await until(
    async () => (await active()) > 0,
    () => 'no node became active',
    { withinMs: FIRST_WITHIN_MS, everyMs: 50, signal },
  );
  await sleep(warmUpMs, undefined, { signal });
  const [before, usedBefore, began] = [await active(), usage.cpu(), performance.now()];
  await sleep(windowMs, undefined, { signal });
  const [after, usedAfter, ended] = [await active(), usage.cpu(), performance.now()];
  await driver.stop();
  return { operations: after - before, seconds: (ended - began) / 1000, cpu: cpuBetween(usedBefore, usedAfter) };
}

export function rateIn({ operations, seconds }: Window): number {
  return operations / seconds;
}

/** The median of `registrations` where that was measured in this run, else of a short measurement now. Per second. */
export async function maximumRate(bench: Bench, before: readonly Result[]): Promise<number> {
  const figures = before.find(({ name }) => name === 'registrations')?.figures ?? [];
  const measured = figures.find(({ name }) => name === 'registrations per second')?.values ?? [];
  if (measured.length > 0) return median(measured);
  const registry = await bench.startRegistry({ env: NO_HEARTBEATS_DUE });
  const times = bench.quick ? { warmUpMs: 3000, windowMs: 4000 } : { warmUpMs: 5000, windowMs: 15_000 };
  const rate = rateIn(await registrationWindow(bench, registry, times));
  await registry.wipe();
  bench.say(`  the most that it registers here: ${rate.toFixed(0)}/s`);
  return rate;
}
