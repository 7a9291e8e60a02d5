import { setTimeout as sleep } from 'node:timers/promises';
import { scrape, stallMs } from '../load/scrape.js';
import { cpuPerThousand } from '../rounds.js';
import type { CpuSeconds, Figure, Party } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';
import type { LargeFleet } from './large-fleet-parts.js';

export type Steady = {
  readonly seconds: number;
  readonly beats: number;
  readonly cpu: CpuSeconds;
  readonly stallP99Ms: number;
  readonly stallMaxMs: number;
  readonly residentMiB: Readonly<Record<Party, number>>;
  readonly heapMiB: number;
};

/** All nodes beat, and nothing else happens. */
export async function steady({ bench, registry, beats }: LargeFleet): Promise<Steady> {
  const { usage, signal, quick } = bench;
  await beats.count();
  await scrape(registry.baseUrl);
  const [before, began] = [usage.cpu(), performance.now()];
  await sleep(quick ? 4000 : 10_000, undefined, { signal });
  const cpu = cpuBetween(before, usage.cpu());
  const seconds = (performance.now() - began) / 1000;
  const metrics = await scrape(registry.baseUrl);
  const stall = stallMs(metrics);
  return {
    seconds,
    cpu,
    beats: (await beats.count()).sent,
    stallP99Ms: stall.p99,
    stallMaxMs: stall.max,
    residentMiB: usage.residentMiB(),
    heapMiB: (metrics.get('nodejs_heap_size_used_bytes') ?? NaN) / 2 ** 20,
  };
}

export function steadyFigures(rounds: readonly Steady[]): readonly Figure[] {
  const percent = (party: Party): readonly number[] => rounds.map(({ cpu, seconds }) => (cpu[party] / seconds) * 100);
  return [
    {
      name: 'heartbeats per second of the fleet',
      unit: '1/s',
      values: rounds.map(({ beats, seconds }) => beats / seconds),
      cpuPerThousand: cpuPerThousand(rounds.map(({ cpu, beats }) => ({ cpu, operations: beats }))),
    },
    { name: "the registry's CPU meanwhile", unit: '% of a core', values: percent('registry') },
    { name: "PostgreSQL's CPU meanwhile", unit: '% of a core', values: percent('postgres') },
    { name: "Kafka's CPU meanwhile", unit: '% of a core', values: percent('kafka') },
    { name: "Consul's CPU meanwhile", unit: '% of a core', values: percent('consul') },
    {
      name: 'event-loop stall p99',
      unit: 'ms',
      values: rounds.map(({ stallP99Ms }) => stallP99Ms),
      wanted: 'at most 50 ms; goal 20 ms',
    },
    { name: 'event-loop stall, longest', unit: 'ms', values: rounds.map(({ stallMaxMs }) => stallMaxMs) },
    {
      name: 'resident memory of the registry',
      unit: 'MiB',
      values: rounds.map(({ residentMiB }) => residentMiB.registry),
      wanted: 'goal: under 1024 MiB',
    },
    { name: 'heap in use', unit: 'MiB', values: rounds.map(({ heapMiB }) => heapMiB) },
  ];
}
