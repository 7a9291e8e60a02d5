import { setTimeout as sleep } from 'node:timers/promises';
import type { Counts } from '../driver/closed-loop.js';
import { cpuPerThousand, pairedRatio } from '../rounds.js';
import type { Bench, CpuSeconds, Result, Running, Scenario } from '../scenario.js';
import { cpuBetween, PARTIES } from '../usage/usage.js';

/** At least this long, and until as many nodes are active as are on their way at once: then the loop is closed. */
const WARM_UP_MS = 5000;
/** Nodes of this load send no heartbeats, and are not to expire while it lasts. */
const ENV = { LIVENESS_WINDOW_MS: '3600000', HEARTBEAT_INTERVAL_MS: '600000' };
/** Whoever is not warm after this is so slow that it is measured as it is. */
const PATIENCE_MS = 30_000;

export type Round = {
  readonly operations: number;
  readonly seconds: number;
  readonly cpu: CpuSeconds;
  /** Active nodes at the end of the round, warm-up included. */
  readonly registered: number;
};

export const registrations: Scenario = {
  name: 'registrations',
  title: 'Registrations: introspection to active, with acks',

  async run(bench: Bench): Promise<Result> {
    const stub: Round[] = [];
    const ours: Round[] = [];
    for (let round = 1; round <= bench.rounds; round++) {
      stub.push(await oneRound(bench, await bench.startStub()));
      bench.say(`  round ${round}: stub ${told(stub.at(-1))}`);
      ours.push(await oneRound(bench, await bench.startRegistry({ env: ENV })));
      bench.say(`  round ${round}: ours ${told(ours.at(-1))}`);
    }
    return resultOf(bench, stub, ours);
  },
};

/** Loads it in a place that is empty, and removes everything again, so that every round finds the same. */
async function oneRound(bench: Bench, target: Running): Promise<Round> {
  const { topicPrefix, groupPrefix } = target;
  const driver = await bench.startChild('driver/main.js', {
    brokers: bench.servers.brokers,
    topicPrefix,
    groupPrefix,
    nodePrefix: 'bench',
    outstanding: bench.outstanding,
  });
  const counts = async (): Promise<Counts> => (await driver.ask('counts')) as Counts;
  await driver.ask('begin');
  await warm(bench, counts);
  const [before, usedBefore, began] = [await counts(), bench.usage.cpu(), performance.now()];
  await sleep(bench.windowSeconds * 1000, undefined, { signal: bench.signal });
  const [after, usedAfter, ended] = [await counts(), bench.usage.cpu(), performance.now()];
  await driver.stop();
  await target.wipe();
  return {
    operations: after.active - before.active,
    seconds: (ended - began) / 1000,
    cpu: cpuBetween(usedBefore, usedAfter),
    registered: after.active,
  };
}

async function warm(bench: Bench, counts: () => Promise<Counts>): Promise<void> {
  const began = performance.now();
  for (;;) {
    await sleep(100, undefined, { signal: bench.signal });
    const { active } = await counts();
    const elapsed = performance.now() - began;
    if (active >= bench.outstanding && elapsed >= WARM_UP_MS) return;
    if (elapsed < PATIENCE_MS) continue;
    if (active > 0) return;
    throw new Error(`no node became active within ${PATIENCE_MS / 1000} s; the log of the registry may tell why`);
  }
}

function resultOf(bench: Bench, stub: readonly Round[], ours: readonly Round[]): Result {
  const [stubRates, ourRates] = [stub.map(rateOf), ours.map(rateOf)];
  const [stubCpu, ourCpu] = [cpuPerThousand(stub), cpuPerThousand(ours)];
  const [stubOwn, ourOwn] = [stub.map(ownPerThousand), ours.map(ownPerThousand)];
  return {
    name: 'registrations',
    title: registrations.title,
    method:
      `${bench.rounds} rounds of ${bench.windowSeconds} s, the stub (rAll) and the registry in turn under the same load: ${bench.outstanding} new ` +
      'nodes on their way at any time (closed loop), with a description of about 600 bytes each. Every round has fresh topics, an empty ' +
      `database and none of the services of the round before, and begins to count after ${WARM_UP_MS / 1000} s, when the first ` +
      `${bench.outstanding} nodes are active. The nodes send no heartbeats, and do not expire meanwhile (LIVENESS_WINDOW_MS)`,
    figures: [
      { name: 'rAll: registrations per second', unit: '1/s', values: stubRates, cpuPerThousand: stubCpu },
      {
        name: 'registrations per second',
        unit: '1/s',
        values: ourRates,
        cpuPerThousand: ourCpu,
        ratio: { of: 'rAll', value: pairedRatio(ourRates, stubRates) },
        wanted: 'at least 0.4 x rAll; goal 0.8 x',
      },
      {
        name: "the registry's own CPU for 1,000 registrations",
        unit: 's',
        values: ourOwn,
        ratio: { of: "the stub's", value: pairedRatio(ourOwn, stubOwn) },
        wanted: "at most twice the stub's; goal 1.3 times",
      },
    ],
    charts: [
      {
        file: 'registrations-cpu.svg',
        title: 'CPU for 1,000 registrations, by process',
        xLabel: 'process',
        yLabel: 'CPU seconds',
        kind: 'bar',
        series: [
          { name: 'stub (rAll)', points: PARTIES.map((party) => [party, stubCpu[party]] as const) },
          { name: 'Rollcall', points: PARTIES.map((party) => [party, ourCpu[party]] as const) },
        ],
      },
    ],
    raw: { stub, ours },
  };
}

function rateOf({ operations, seconds }: Round): number {
  return operations / seconds;
}

function ownPerThousand({ cpu, operations }: Round): number {
  return (cpu.registry / operations) * 1000;
}

function told(round: Round | undefined): string {
  if (round === undefined) return '';
  const cpu = PARTIES.map((party) => `${party} ${((round.cpu[party] / round.operations) * 1000).toFixed(3)}`).join(
    ', ',
  );
  return `${rateOf(round).toFixed(0)}/s; CPU seconds for 1,000: ${cpu}`;
}
