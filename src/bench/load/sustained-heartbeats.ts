import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../rounds.js';
import type { Bench, CpuSeconds, Registry } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';
import type { GroupWatch } from './group-watch.js';
import { HeartbeatLoad } from './heartbeat-load.js';
import { delays } from './progress.js';

export type Sustained = {
  /** Heartbeats per second that were consumed; what was asked for is a little more where the driver itself could not keep up. */
  readonly rate: number;
  readonly beats: number;
  readonly cpu: CpuSeconds;
  /** Age of the oldest heartbeat whose deadline was not durable yet, over all samples, in ms. */
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The deadline was durable within a second. */
  readonly isKeptUp: boolean;
};

const DURABLE_WITHIN_MS = 1000;
const SAMPLE_EVERY_MS = 50;
const WARM_UP_MS = 2000;

/** Heartbeats of the nodes in turn, at a rate, for some seconds. */
export async function sustainedHeartbeats(
  bench: Bench,
  registry: Registry,
  { nodeIds, watch, ratePerSecond }: { nodeIds: readonly string[]; watch: GroupWatch; ratePerSecond: number },
): Promise<Sustained> {
  const load = await HeartbeatLoad.start(bench, registry, (nodeIds.length / ratePerSecond) * 1000);
  try {
    await load.add(nodeIds);
    await sleep(WARM_UP_MS, undefined, { signal: bench.signal });
    const until = performance.now() + (bench.quick ? 4000 : 10_000);
    const [first, before, began] = [await watch.lag(), bench.usage.cpu(), performance.now()];
    const { appended, done } = await watch.samples(SAMPLE_EVERY_MS, () => performance.now() > until, bench.signal);
    const seconds = (performance.now() - began) / 1000;
    const cpu = cpuBetween(before, bench.usage.cpu());
    await load.count(); // rejects where one could not be sent
    const beats = (done.at(-1)?.count ?? 0) - first.done;
    const ages = delays(appended, done);
    const p99Ms = percentile(ages, 99);
    return { rate: beats / seconds, beats, cpu, p99Ms, maxMs: Math.max(...ages), isKeptUp: p99Ms <= DURABLE_WITHIN_MS };
  } finally {
    await load.stop();
  }
}
