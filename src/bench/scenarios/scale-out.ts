import { setTimeout as sleep } from 'node:timers/promises';
import { asAdmin, kafkaOf } from '../load/kafka.js';
import { NO_HEARTBEATS_DUE, rateIn, registrationWindow, type Window } from '../load/registration-window.js';
import { until } from '../load/until.js';
import { cpuPerThousand, median } from '../rounds.js';
import type { Bench, Registry, Result, Scenario } from '../scenario.js';

/** One process of a layout: its ROLES; undefined: all. */
type Process = { readonly roles: string | undefined };

type Layout = { readonly name: string; readonly processes: readonly Process[] };

const all: Process = { roles: undefined };
const roles = (names: string): Process => ({ roles: names });

/** Replicas share all groups, and so the partitions; roles share the steps of a handshake. */
const LAYOUTS: readonly Layout[] = [
  { name: '1 process', processes: [all] },
  { name: '2 replicas', processes: [all, all] },
  { name: '4 replicas', processes: [all, all, all, all] },
  {
    name: '2 processes by roles',
    processes: [roles('api,orchestrator,heartbeats'), roles('reducer,consul,postgres')],
  },
  {
    name: '4 processes by roles',
    processes: [roles('api,orchestrator,heartbeats'), roles('reducer'), roles('consul'), roles('postgres')],
  },
];

/** Each role that consumes has the group of its name. */
const GROUPS = ['orchestrator', 'reducer', 'consul', 'postgres'] as const;
const SETTLED_WITHIN_MS = 60_000;

type Row = Layout & { readonly rounds: readonly (Window & { readonly residentMiB: number })[] };

export const scaleOut: Scenario = {
  name: 'scale-out',
  title: 'Scale-out on one machine: replicas, and processes by roles',

  async run(bench: Bench): Promise<Result> {
    const rounds = bench.quick ? 1 : Math.min(bench.rounds, 3);
    const rows = LAYOUTS.map((layout) => ({ ...layout, rounds: [] as (Window & { residentMiB: number })[] }));
    for (let round = 1; round <= rounds; round++) {
      for (const row of rows) {
        const done = await oneRound(bench, row);
        row.rounds.push(done);
        bench.say(`  round ${round}, ${row.name}: ${rateIn(done).toFixed(0)}/s`);
      }
    }
    return resultOf(rounds, rows);
  },
};

async function oneRound(bench: Bench, { processes }: Layout): Promise<Row['rounds'][number]> {
  const running: Registry[] = [];
  for (const process of processes) running.push(await start(bench, process, running[0]));
  const [first] = running;
  if (first === undefined) throw new Error('a layout has at least one process');
  await groupsSettled(bench, first, processes);
  const times = bench.quick ? { warmUpMs: 3000, windowMs: 5000 } : { warmUpMs: 5000, windowMs: 20_000 };
  const window = await registrationWindow(bench, first, times);
  const residentMiB = bench.usage.residentMiB().registry;
  for (const registry of running.slice(1)) await registry.stop();
  await first.wipe();
  return { ...window, residentMiB };
}

function start(bench: Bench, { roles: names }: Process, first: Registry | undefined): Promise<Registry> {
  // What is not said is taken over from the first one, its roles included.
  const own = { ...NO_HEARTBEATS_DUE, ROLES: names ?? '' };
  return bench.startRegistry(first === undefined ? { env: own } : { env: own, replicaOf: first });
}

/** Every member has its share of the partitions. */
async function groupsSettled(bench: Bench, { groupPrefix }: Registry, processes: readonly Process[]): Promise<void> {
  const expected = GROUPS.map((group) => processes.filter(({ roles: names }) => names === undefined || names.split(',').includes(group)).length); // prettier-ignore
  const ids = GROUPS.map((group) => `${groupPrefix}.${group}`);
  await asAdmin(kafkaOf(bench.servers.brokers), (admin) =>
    until(
      async () => {
        const { groups } = await admin.describeGroups(ids);
        return ids.every((id, index) => {
          const group = groups.find(({ groupId }) => groupId === id);
          return group?.state === 'Stable' && group.members.length === expected[index];
        });
      },
      () => `the consumer groups of ${groupPrefix} are not stable with all their members`,
      { withinMs: SETTLED_WITHIN_MS, everyMs: 250, signal: bench.signal },
    ),
  );
  await sleep(1000, undefined, { signal: bench.signal }); // the first fetches
}

function resultOf(rounds: number, rows: readonly Row[]): Result {
  const single = rows[0]?.rounds.map(rateIn) ?? [];
  return {
    name: scaleOut.name,
    title: scaleOut.title,
    method:
      `${rounds} rounds of each layout in turn, in a place of its own: the closed loop of the sustained registrations, after all consumer groups are stable. All processes share the ` +
      "machine's cores with the servers and the load, so this tells what a further process costs, and where it takes work from another one; not what a second machine brings. " +
      `Roles: ${rows.map(({ name, processes }) => `${name} (${processes.map((one) => one.roles ?? 'all').join(' + ')})`).join('; ')}`,
    figures: rows.flatMap(({ name, rounds: windows }) => [
      {
        name: `registrations per second, ${name}`,
        unit: '1/s',
        values: windows.map(rateIn),
        cpuPerThousand: cpuPerThousand(windows),
        ratio: { of: '1 process', value: median(windows.map(rateIn)) / median(single) },
      },
      { name: `resident memory together, ${name}`, unit: 'MiB', values: windows.map(({ residentMiB }) => residentMiB) },
    ]),
    charts: [
      {
        file: 'scale-out.svg',
        title: 'CPU of the registry for 1,000 registrations',
        xLabel: 'processes',
        yLabel: 'CPU seconds',
        kind: 'bar',
        series: [
          { name: 'registry', points: rows.map((row) => [row.name, cpuPerThousand(row.rounds).registry] as const) },
        ],
      },
    ],
    raw: rows,
  };
}
