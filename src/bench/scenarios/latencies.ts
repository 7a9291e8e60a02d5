import { maximumRate, NO_HEARTBEATS_DUE } from '../load/registration-window.js';
import { runOpenLoop, type Latencies } from '../load/open-loop.js';
import { CONSUL_EVERY_MS } from '../load/visibility/consul-visibility.js';
import { POSTGRES_EVERY_MS } from '../load/visibility/postgres-visibility.js';
import { median, percentile } from '../rounds.js';
import type { Bench, Chart, CpuSeconds, Figure, Result, Scenario } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';

/** Registrations a second at which latency at low load is told. */
const LOW_RATE = 50;
/** Registered before a round, so that the process is warm, its connections stand, and so do nearly all nodes of Consul that services share. */
const WARM_UP = { nodes: 1000, ratePerSecond: 100 } as const;
/** So many nodes a second are watched in the backends: more would be a load of its own. */
const WATCHED_PER_SECOND = 5;
const PERCENTILES = [50, 90, 99] as const;

const SEEN = {
  active: 'publish to active',
  consul: "publish to visible in Consul's passing list",
  postgres: 'publish to visible in PostgreSQL',
} as const satisfies Record<keyof Latencies, string>;
const WAYS = Object.keys(SEEN) as (keyof Latencies)[];

type Round = { readonly latencies: Latencies; readonly cpu: CpuSeconds };
type Load = { readonly label: string; readonly ratePerSecond: number; readonly rounds: Round[] };

export const latencies: Scenario = {
  name: 'latencies',
  title: 'Latency from publish to active, and to visible for readers',

  async run(bench: Bench, before: readonly Result[]): Promise<Result> {
    const half = Math.max(1, Math.round((await maximumRate(bench, before)) / 2));
    const loads: readonly Load[] = [
      { label: `${LOW_RATE}/s`, ratePerSecond: LOW_RATE, rounds: [] },
      { label: 'half of the maximum', ratePerSecond: half, rounds: [] },
    ];
    const seconds = bench.quick ? 6 : 30;
    for (let round = 1; round <= bench.rounds; round++) {
      for (const load of loads) {
        const done = await oneRound(bench, load.ratePerSecond, seconds);
        load.rounds.push(done);
        bench.say(`  round ${round}, ${load.ratePerSecond}/s: ${told(done.latencies)}`);
      }
    }
    return resultOf(bench, seconds, loads);
  },
};

/** In a registry and a place of its own, so that every round finds the same. */
async function oneRound(bench: Bench, ratePerSecond: number, seconds: number): Promise<Round> {
  const { servers, signal, usage } = bench;
  const registry = await bench.startRegistry({ env: NO_HEARTBEATS_DUE });
  await runOpenLoop(servers, registry, { ...WARM_UP, prefix: 'warm', watchEvery: 10, signal });
  const nodes = Math.round(ratePerSecond * seconds);
  const watchEvery = Math.ceil(ratePerSecond / WATCHED_PER_SECOND);
  const before = usage.cpu();
  const measured = await runOpenLoop(servers, registry, { nodes, ratePerSecond, prefix: 'bench', watchEvery, signal });
  const cpu = cpuBetween(before, usage.cpu());
  await registry.wipe();
  return { latencies: measured, cpu };
}

function resultOf(bench: Bench, seconds: number, loads: readonly Load[]): Result {
  const half = loads.at(-1)?.ratePerSecond ?? 0;
  return {
    name: latencies.name,
    title: latencies.title,
    method:
      `${bench.rounds} rounds of ${seconds} s each at ${LOW_RATE}/s and at half of the maximum (${half}/s), in turn. Open loop: new nodes at times fixed in advance, and ` +
      'each latency counts from the moment that was due (no coordinated omission). Readers of the backends ask from the moment at which *active* is heard. ' +
      `Consul: for the check of the node (/v1/health/node), which is what the passing list of its service is made of; one question each ${CONSUL_EVERY_MS} ms, the nodes that are ` +
      'waited for in turn; that all of them are in the passing list is checked at the end of the round. PostgreSQL: one statement for all that are waited ' +
      `for (state = 'active'), ${POSTGRES_EVERY_MS} ms after the answer to the one before. At most ${WATCHED_PER_SECOND} nodes a second are watched, as asking takes processor time, too`,
    figures: loads.flatMap((load) => WAYS.flatMap((way) => figuresOf(load, way))),
    charts: [chartOf(loads)],
    raw: loads.map(({ ratePerSecond, rounds }) => ({
      ratePerSecond,
      rounds: rounds.map(({ latencies: found, cpu }) => ({ cpu, ...summaries(found) })),
    })),
  };
}

function figuresOf({ label, ratePerSecond, rounds }: Load, way: keyof Latencies): readonly Figure[] {
  return PERCENTILES.map((percent) => {
    const isLow = ratePerSecond === LOW_RATE && way === 'active';
    const wanted = isLow ? WANTED[percent] : undefined;
    return {
      name: `${SEEN[way]} p${percent} at ${label}`,
      unit: 'ms',
      values: rounds.map(({ latencies: found }) => percentile(found[way], percent)),
      ...(wanted !== undefined && { wanted }),
    };
  });
}

const WANTED: Readonly<Record<number, string>> = {
  50: 'at most 60 ms; goal 20 ms',
  99: 'at most 150 ms; goal 60 ms',
};

function chartOf(loads: readonly Load[]): Chart {
  return {
    file: 'latencies.svg',
    title: 'From publish to active, and to visible for readers',
    xLabel: 'percentile',
    yLabel: 'ms',
    kind: 'bar',
    series: loads.flatMap(({ label, rounds }) =>
      WAYS.map((way) => ({
        name: `${way}, ${label}`,
        points: PERCENTILES.map(
          (percent) =>
            [`p${percent}`, median(rounds.map((round) => percentile(round.latencies[way], percent)))] as const,
        ),
      })),
    ),
  };
}

/** Every percentile, for the raw numbers: lists of all latencies would be megabytes. */
function summaries(found: Latencies): Readonly<Record<string, readonly number[]>> {
  const percents = Array.from({ length: 101 }, (_, percent) => percent);
  return Object.fromEntries(WAYS.map((way) => [way, percents.map((percent) => percentile(found[way], percent))]));
}

function told(found: Latencies): string {
  const text = (way: keyof Latencies): string =>
    `${way} ${PERCENTILES.map((percent) => `p${percent} ${percentile(found[way], percent).toFixed(1)}`).join(' ')}`;
  return `${WAYS.map(text).join('; ')} ms`;
}
