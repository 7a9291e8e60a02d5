import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaTransport } from '../client/index.js';
import { Backends } from './damage/backends.js';
import type { Planned } from './faults/fault.js';
import { inflict } from './faults/inflict.js';
import { inflictAll, type Inflicted } from './faults/sequence.js';
import { ChaosFleet } from './fleet/chaos-fleet.js';
import { openDatabase } from './gather/database.js';
import type { ChaosOptions } from './options.js';
import { CI_PLAN, KILLS_PLAN, planOf } from './plan.js';
import { createRandom } from './random.js';
import { reportOf, type Report } from './report.js';
import { judgeAtRest, type Trial } from './rest.js';
import { NAME, type World } from './world/world.js';

const READY_WITHIN_MS = 60_000;
const ACTIVE_WITHIN_MS = 60_000;
/** On top of that for each node. */
const EACH_ACTIVE_WITHIN_MS = 20;
const PROGRESS_EVERY_MS = 5000;
/** After this the next fault comes all the same. */
const RECOVERS_WITHIN_MS = 30_000;
const CATCHES_UP_WITHIN_MS = 180_000;
/** The fleet goes on for so long after the last fault, so that it shows when registrations succeed again. */
const AFTERMATH_MS = 5000;

const PLANS = {
  ci: () => CI_PLAN,
  kills: () => KILLS_PLAN,
  seeded: planOf,
} satisfies Record<ChaosOptions['plan']['kind'], (seed: number) => Iterable<Planned>>;

export type Say = (text: string) => void;

/** Starts a world and a fleet, breaks it, lets it come to rest, and judges. `exits` are those of replicas that ended by themselves. */
export async function inWorld(
  world: World,
  options: ChaosOptions,
  exits: readonly string[],
  say: Say,
  abort: AbortController,
): Promise<Report> {
  const { signal } = abort;
  say('starting Kafka, Consul, PostgreSQL and two replicas');
  await world.start();
  const replicas = [...world.replicas.values()];
  await Promise.all(replicas.map((replica) => replica.ready(READY_WITHIN_MS, signal)));
  signal.throwIfAborted();
  await world.broker.open();
  const transport = new KafkaTransport({
    brokers: [`127.0.0.1:${world.servers.ports.kafka}`],
    topicPrefix: NAME,
    clientId: 'rollcall-chaos-fleet',
  });
  const fleet = new ChaosFleet(transport, {
    size: options.nodes,
    actionsPerSecond: options.actionsPerSecond,
    random: createRandom(options.seed ^ 0x5eed),
    onFailure: (error) => abort.abort(error),
  });
  const database = openDatabase(world.databaseUrl);
  const progress = setInterval(() => say(progressText(fleet)), PROGRESS_EVERY_MS);
  try {
    await transport.open(fleet, signal);
    fleet.begin();
    await allActive(fleet, ACTIVE_WITHIN_MS + options.nodes * EACH_ACTIVE_WITHIN_MS, signal);
    const backends = new Backends({
      consulAddress: world.consulAddress,
      registryId: NAME,
      database,
      random: createRandom(options.seed ^ 0xda3a6e),
    });
    const trial = { world, fleet, database, backends, say, signal };
    const { inflicted, beganAt, endedAt } = await breakIt(trial, options);
    clearInterval(progress);
    const { evidence, pending, quietAt, judged } = await judgeAtRest(trial, options.quietWithinMs, exits);
    return reportOf({
      seed: options.seed,
      plan: options.plan.kind,
      minutes: options.plan.kind === 'seeded' ? options.plan.minutes : null,
      nodes: options.nodes,
      faultsBeganAt: beganAt,
      faultsEndedAt: endedAt,
      quietAt,
      inflicted,
      fleet: { ...fleet.counts },
      notBack: fleet.notBack,
      registered: fleet.registered,
      stepsJournalled: evidence.journal.entries,
      records: evidence.records.length,
      judged,
      pending,
      folder: null,
    });
  } finally {
    clearInterval(progress);
    fleet.stop();
    await Promise.allSettled([transport.close(), database.close()]);
  }
}

/** Before anything breaks, everything works: what is broken later was broken by us. */
async function allActive(fleet: ChaosFleet, withinMs: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + withinMs;
  while (fleet.unfinished.length > 0) {
    if (Date.now() > end)
      throw new Error(`before any fault, not active in time: ${fleet.unfinished.slice(0, 5).join(', ')}`);
    await sleep(100, undefined, { signal });
  }
}

async function breakIt(
  { world, fleet, backends, say, signal }: Trial,
  { plan, seed }: ChaosOptions,
): Promise<{ inflicted: readonly Inflicted[]; beganAt: number; endedAt: number }> {
  const beganAt = Date.now();
  fleet.act();
  const { servers, replicas, doors, broker } = world;
  const stage = { servers, replicas, doors, broker, backends, anyNodeId: () => fleet.anyNodeId() };
  const inflicted = await inflictAll({
    plan: PLANS[plan.kind](seed),
    until: plan.kind === 'seeded' ? beganAt + plan.minutes * 60_000 : Infinity,
    inflict: (fault) => inflict(stage, fault, signal),
    recovered: () =>
      plan.kind === 'kills'
        ? fleet.catchesUp(CATCHES_UP_WITHIN_MS, signal)
        : fleet.registers(RECOVERS_WITHIN_MS, signal),
    say,
    signal,
  });
  const endedAt = Date.now();
  await sleep(AFTERMATH_MS, undefined, { signal });
  fleet.rest();
  return { inflicted, beganAt, endedAt };
}

function progressText({ active, counts, waitingFor }: ChaosFleet): string {
  const { starts, registrations, heartbeats } = counts;
  const away = waitingFor === undefined ? '' : `; ${waitingFor}`;
  return `${active} active, ${registrations} registrations of ${starts} starts, ${heartbeats} heartbeats${away}`;
}
