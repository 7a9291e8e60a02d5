import { cpuPerThousand } from '../rounds.js';
import type { Bench, Figure, Place, Result, Scenario } from '../scenario.js';
import { createConsulLoop } from '../yardsticks/r-consul.js';
import { produceAndConsume } from '../yardsticks/r-kafka.js';
import { upsertRows } from '../yardsticks/r-postgres.js';
import { measured, type Window } from '../yardsticks/window.js';

const NAMES = {
  rK: 'rK: introspections produced (acks all, batches of 500) and consumed, kafkajs, one process',
  rC: 'rC: services with their checks registered in Consul, 21 a transaction, 8 connections',
  rCheck: 'rC: the checks alone, 64 a transaction',
  rP: 'rP: rows of 600 bytes with a journal row each in PostgreSQL, 500 a transaction, 2 connections',
} as const;

type Yardstick = keyof typeof NAMES;

export const yardsticks: Scenario = {
  name: 'yardsticks',
  title: 'Yardsticks: what each server does on this machine when nothing is decided',

  async run(bench: Bench): Promise<Result> {
    const times = bench.quick ? { warmUpMs: 1000, windowMs: 3000 } : { warmUpMs: 2000, windowMs: 10_000 };
    const windows: Record<Yardstick, Window[]> = { rK: [], rC: [], rCheck: [], rP: [] };
    for (let round = 1; round <= bench.rounds; round++) {
      const place = await bench.createPlace();
      const { brokers, consulUrl } = bench.servers;
      windows.rK.push(await measured(bench, times, (done, isOver) => produceAndConsume(brokers, place, done, isOver)));
      await consulRound(bench, place, consulUrl, times, windows);
      windows.rP.push(await measured(bench, times, (done, isOver) => upsertRows(place, done, isOver)));
      await bench.wipePlace(place);
      const rates = Object.entries(windows).map(([name, of]) => `${name} ${rateOf(of.at(-1)).toFixed(0)}/s`);
      bench.say(`  round ${round}: ${rates.join(', ')}`);
    }
    const figures = Object.entries(windows).map(([name, of]): Figure => ({
      name: NAMES[name as Yardstick],
      unit: '1/s',
      values: of.map(rateOf),
      cpuPerThousand: cpuPerThousand(of),
    }));
    return {
      name: 'yardsticks',
      title: yardsticks.title,
      method:
        `${bench.rounds} rounds of ${times.windowMs / 1000} s each after ${times.warmUpMs / 1000} s of warm-up; \`driver\` is the process that ` +
        'makes the load. rAll, the stub that moves the bytes of whole handshakes, stands beside what it is compared with: the registrations',
      figures,
      raw: windows,
    };
  },
};

async function consulRound(
  bench: Bench,
  place: Place,
  consulUrl: string,
  times: { readonly warmUpMs: number; readonly windowMs: number },
  windows: Readonly<Record<'rC' | 'rCheck', Window[]>>,
): Promise<void> {
  const loop = await createConsulLoop(consulUrl, place);
  windows.rC.push(await measured(bench, times, (done, isOver) => loop.register(done, isOver)));
  windows.rCheck.push(await measured(bench, times, (done, isOver) => loop.activate(done, isOver)));
  await loop.close();
}

function rateOf(window: Window | undefined): number {
  return window === undefined ? NaN : window.operations / window.seconds;
}
