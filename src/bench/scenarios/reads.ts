import { setTimeout as sleep } from 'node:timers/promises';
import type { Counts } from '../driver/closed-loop.js';
import { READS, type Read } from '../reads/asks.js';
import type { BareSettings } from '../reads/bare-main.js';
import { makeFleet } from '../reads/fleet.js';
import type { Counted, Load } from '../reads/load-main.js';
import { resultOf, type Round, type Rounds, type Setting } from '../reads/result.js';
import type { Bench, Child, Registry, Result, Scenario } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';

const CONNECTIONS = 32;
/** Registrations on their way at any time while reads are measured beside them. */
const REGISTRATIONS = 50;
/** The fleet owes no heartbeats, and nobody is to expire meanwhile. */
const ENV = { LIVENESS_WINDOW_MS: '3600000', HEARTBEAT_INTERVAL_MS: '600000' };

export const reads: Scenario = {
  name: 'reads',
  title: 'Reads: a node by id over REST and GraphQL, and filtered pages of 50',

  async run(bench: Bench): Promise<Result> {
    const nodes = bench.quick ? 5000 : 100_000;
    const times = bench.quick ? { warmUpMs: 1000, windowMs: 2000 } : { warmUpMs: 2000, windowMs: 6000 };
    const registry = await bench.startRegistry({ env: ENV });
    bench.say(`writing ${nodes} nodes into the state database`);
    await makeFleet(registry, nodes);
    const settings: BareSettings = { nodes };
    const bare = await bench.startChild('reads/bare-main.js', settings);
    const load = await bench.startChild('reads/load-main.js', null);
    const parts: Parts = { registry, bare, load, nodes, ...times };
    const alone = await measure(bench, 'alone', parts);
    const driver = await startRegistrations(bench, registry);
    const [before, from] = [await activeOf(driver), performance.now()];
    const beside = await measure(bench, 'beside registrations', parts);
    const perSecond = ((await activeOf(driver)) - before) / ((performance.now() - from) / 1000);
    if (perSecond === 0) throw new Error('no node became active beside the reads: that is not the load that was meant');
    bench.say(`  ${perSecond.toFixed(0)} registrations a second beside them`);
    await driver.stop();
    const registrations = { outstanding: REGISTRATIONS, perSecond };
    return resultOf({ rounds: [...alone, ...beside], nodes, connections: CONNECTIONS, registrations, ...times });
  },
};

type Parts = {
  readonly registry: Registry;
  readonly bare: Child;
  readonly load: Child;
  readonly nodes: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
};

/** Every kind of read in every round, bare engine and registry in turn. */
async function measure(bench: Bench, setting: Setting, parts: Parts): Promise<readonly Rounds[]> {
  const rounds = READS.map((read) => ({ read, setting, bare: [] as Round[], ours: [] as Round[] }));
  for (let round = 1; round <= bench.rounds; round++) {
    for (const { read, bare, ours } of rounds) {
      bare.push(await bareWindow(bench, read, parts));
      ours.push(await window(bench, read, parts.registry.baseUrl, parts));
      bench.say(`  round ${round}, ${setting}, ${read}: bare ${told(bare.at(-1))}, ours ${told(ours.at(-1))}`);
    }
  }
  return rounds;
}

/** The bare engines stand in the place of the registry; as processes of the bench they are counted among its drivers. */
async function bareWindow(bench: Bench, read: Read, parts: Parts): Promise<Round> {
  const baseUrl = (await parts.bare.ask('address')) as string;
  let before = NaN;
  const round = await window(bench, read, baseUrl, parts, async () => {
    before = (await parts.bare.ask('cpu')) as number;
  });
  const used = ((await parts.bare.ask('cpu')) as number) - before;
  return { ...round, cpu: { ...round.cpu, registry: used, driver: round.cpu.driver - used } };
}

async function window(
  bench: Bench,
  read: Read,
  baseUrl: string,
  { load, nodes, warmUpMs, windowMs }: Parts,
  begins: () => Promise<void> = async () => undefined,
): Promise<Round> {
  await load.ask('begin', { baseUrl, read, nodes, connections: CONNECTIONS } satisfies Load);
  await sleep(warmUpMs, undefined, { signal: bench.signal });
  await begins();
  const before = bench.usage.cpu();
  const counted = (await load.ask('count', windowMs)) as Counted;
  const cpu = cpuBetween(before, bench.usage.cpu());
  await load.ask('end');
  if (counted.answers === 0) throw new Error(`no read (${read}) was answered within ${windowMs} ms`);
  return { ...counted, cpu };
}

async function startRegistrations(bench: Bench, { topicPrefix, groupPrefix }: Registry): Promise<Child> {
  const driver = await bench.startChild('driver/main.js', {
    brokers: bench.servers.brokers,
    topicPrefix,
    groupPrefix,
    nodePrefix: 'bench',
    outstanding: REGISTRATIONS,
  });
  await driver.ask('begin');
  return driver;
}

async function activeOf(driver: Child): Promise<number> {
  return ((await driver.ask('counts')) as Counts).active;
}

function told(round: Round | undefined): string {
  return round === undefined ? '' : `${(round.answers / round.seconds).toFixed(0)}/s p99 ${round.p99.toFixed(1)} ms`;
}
