import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedDisk } from '../load/bounded-disk.js';
import { Handshakes } from '../load/handshakes.js';
import { maximumRate, NO_HEARTBEATS_DUE } from '../load/registration-window.js';
import { restartInTurn } from '../load/restarting-fleet.js';
import { scrape } from '../load/scrape.js';
import { slopeOf } from '../load/slope.js';
import { until } from '../load/until.js';
import type { Bench, Chart, CpuSeconds, Registry, Result, Scenario } from '../scenario.js';
import { cpuBetween, mapParties } from '../usage/usage.js';

const SHARE = 0.7;
const SAMPLE_EVERY_MS = 10_000;
/** A node starts again after so long. */
const CYCLE_SECONDS = 20;
const TIDY_EVERY_MS = 60_000;
/** Left out of the slope: caches fill, and the process grows to the size that it keeps. */
const SETTLING_MINUTES = 5;

type Sample = {
  readonly minute: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
  readonly active: number;
};

type Soak = {
  readonly ratePerSecond: number;
  readonly minutes: number;
  readonly samples: readonly Sample[];
  readonly cpu: CpuSeconds;
  readonly active: number;
};

export const soak: Scenario = {
  name: 'soak',
  title: 'Memory over a long run',

  async run(bench: Bench, before: readonly Result[]): Promise<Result> {
    const ratePerSecond = Math.max(1, Math.floor((await maximumRate(bench, before)) * SHARE));
    const registry = await bench.startRegistry({ env: NO_HEARTBEATS_DUE });
    let active = 0;
    const { topicPrefix } = registry;
    const handshakes = await Handshakes.open({
      brokers: bench.servers.brokers,
      topicPrefix,
      active: () => (active += 1),
    });
    const over = new AbortController();
    const [began, usedBefore] = [performance.now(), bench.usage.cpu()];
    const sampling = sample(bench, registry, over.signal, () => active);
    const tidying = keepTidy(bench, registry, over.signal);
    try {
      const load = restartInTurn(handshakes, {
        nodes: ratePerSecond * CYCLE_SECONDS,
        ratePerSecond,
        seconds: bench.soakMinutes * 60,
        signal: AbortSignal.any([bench.signal, over.signal]),
      });
      // The other two end before the load only by failing.
      await Promise.race([load, sampling, tidying]);
      await allActive(bench, handshakes);
      const minutes = (performance.now() - began) / 60_000;
      over.abort();
      const [samples] = await Promise.all([sampling, tidying]);
      return resultOf({ ratePerSecond, minutes, samples, active, cpu: cpuBetween(usedBefore, bench.usage.cpu()) });
    } finally {
      over.abort();
      await Promise.allSettled([sampling, tidying, handshakes.close()]);
      await registry.wipe();
    }
  },
};

async function allActive({ signal }: Bench, handshakes: Handshakes): Promise<void> {
  const otherwise = (): string => `${handshakes.open} nodes are not active after the end of the load`;
  await until(() => handshakes.open === 0, otherwise, { withinMs: 60_000, everyMs: 50, signal });
  handshakes.check();
}

/** Until it is over. */
async function sample(
  bench: Bench,
  { baseUrl }: Registry,
  over: AbortSignal,
  active: () => number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const began = performance.now();
  for (; !over.aborted; await pauseUnless(over, SAMPLE_EVERY_MS)) {
    const metrics = await scrape(baseUrl);
    const one = {
      minute: (performance.now() - began) / 60_000,
      residentMiB: bench.usage.residentMiB().registry,
      heapMiB: (metrics.get('nodejs_heap_size_used_bytes') ?? NaN) / 2 ** 20,
      active: active(),
    };
    samples.push(one);
    if (samples.length % 6 === 1) {
      bench.say(
        `  minute ${one.minute.toFixed(0)}: ${one.residentMiB.toFixed(0)} MiB resident, heap ${one.heapMiB.toFixed(0)} MiB, ${one.active} registrations`,
      );
    }
  }
  return samples;
}

async function keepTidy(bench: Bench, registry: Registry, over: AbortSignal): Promise<void> {
  const disk = new BoundedDisk(bench.servers, registry);
  for (; !over.aborted; await pauseUnless(over, TIDY_EVERY_MS)) await disk.tidy();
}

async function pauseUnless(over: AbortSignal, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: over }).catch(() => undefined); // aborted: there is nothing to wait for
}

function resultOf(run: Soak): Result {
  const { ratePerSecond, minutes, samples, active, cpu } = run;
  const settled = samples.filter(({ minute }) => minute >= SETTLING_MINUTES);
  // A run that is shorter than that is there to see that it works.
  const judged = settled.length > 1 ? settled : samples;
  const slope = (of: (one: Sample) => number): number => slopeOf(judged.map((one) => [one.minute, of(one)]));
  return {
    name: soak.name,
    title: soak.title,
    method:
      `${minutes.toFixed(0)} min at ${ratePerSecond} registrations/s (${SHARE * 100} % of the maximum), open loop: ${ratePerSecond * CYCLE_SECONDS} nodes that start again in turn, each every ${CYCLE_SECONDS} s, with acks. ` +
      'Every minute what is older than a minute is removed from topics and journal, so that the disk lasts. Memory of the process every 10 s; the slope is that of the line ' +
      `that fits best${settled.length > 1 ? ` from minute ${SETTLING_MINUTES} on` : ''}`,
    figures: [
      {
        name: 'registrations per second over the whole time',
        unit: '1/s',
        values: [active / (minutes * 60)],
        cpuPerThousand: mapParties((party) => (cpu[party] / active) * 1000),
      },
      { name: 'resident memory', unit: 'MiB', values: judged.map(({ residentMiB }) => residentMiB) },
      { name: 'heap in use', unit: 'MiB', values: judged.map(({ heapMiB }) => heapMiB) },
      {
        name: 'slope of resident memory',
        unit: 'MiB/min',
        values: [slope(({ residentMiB }) => residentMiB)],
        wanted: 'flat',
      },
      { name: 'slope of the heap', unit: 'MiB/min', values: [slope(({ heapMiB }) => heapMiB)], wanted: 'flat' },
    ],
    charts: [chartOf(samples)],
    raw: run,
  };
}

function chartOf(samples: readonly Sample[]): Chart {
  return {
    file: 'soak-memory.svg',
    title: 'Memory of the registry over a long run',
    xLabel: 'minutes',
    yLabel: 'MiB',
    kind: 'line',
    series: [
      { name: 'resident', points: samples.map(({ minute, residentMiB }) => [minute, residentMiB] as const) },
      { name: 'heap in use', points: samples.map(({ minute, heapMiB }) => [minute, heapMiB] as const) },
    ],
  };
}
