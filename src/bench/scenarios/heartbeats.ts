import { setTimeout as sleep } from 'node:timers/promises';
import { TopicNames, topicOf } from '../../messages/index.js';
import { backlogRound, type BacklogRound } from '../load/backlog-round.js';
import { createFleet } from '../load/fixture/fleet-fixture.js';
import { GroupWatch } from '../load/group-watch.js';
import { NO_HEARTBEATS_DUE } from '../load/registration-window.js';
import { sustainedHeartbeats, type Sustained } from '../load/sustained-heartbeats.js';
import { cpuPerThousand, median, pairedRatio } from '../rounds.js';
import type { Bench, Figure, Registry, Result, Scenario } from '../scenario.js';

/** Heartbeats of a round; of smaller fleets each node has several, and all beat before one beats again. */
const BACKLOG = 100_000;
const QUICK_BACKLOG = 30_000;
/** Of the rate at which the backlog was worked off: the first that can be kept up with counts. */
const SHARES = [0.9, 0.75, 0.6, 0.45, 0.3, 0.15] as const;
const QUICK_SHARES = [0.6, 0.3] as const;

type Fleet = {
  readonly nodes: number;
  readonly rounds: readonly BacklogRound[];
  readonly sustained: Sustained;
};

export const heartbeats: Scenario = {
  name: 'heartbeats',
  title: 'Heartbeats consumed',

  async run(bench: Bench): Promise<Result> {
    const sizes = bench.quick ? [5000] : [10_000, 100_000];
    const fleets: Fleet[] = [];
    for (const nodes of sizes) fleets.push(await measure(bench, nodes));
    return resultOf(bench, fleets);
  },
};

async function measure(bench: Bench, nodes: number): Promise<Fleet> {
  // Windows so long that between two rounds nobody is late: how fast beats are taken does not depend on them.
  const first = await bench.startRegistry({ env: NO_HEARTBEATS_DUE });
  const nodeIds = await createFleet(bench, first, { nodes, prefix: 'beat', orchestratorOnly: true });
  const registry = await bench.startRegistry({ replicaOf: first });
  const topic = new TopicNames(registry.topicPrefix).full(topicOf('NODE_HEARTBEAT'));
  const watch = await GroupWatch.open(bench.servers, registry, 'heartbeats', topic);
  try {
    const rounds: BacklogRound[] = [];
    // The first one only warms the process up.
    for (let round = 0; round <= bench.rounds; round++) {
      const done = await backlogRound(bench, {
        registry,
        nodeIds,
        topic,
        watch,
        beats: bench.quick ? QUICK_BACKLOG : BACKLOG,
      });
      if (round > 0) rounds.push(done);
      bench.say(`  ${nodes} nodes, round ${round}: ${done.rate.toFixed(0)}/s, raw ${done.rawRate.toFixed(0)}/s`);
    }
    const sustained = await firstKeptUp(bench, {
      registry,
      nodeIds,
      watch,
      most: median(rounds.map(({ rate }) => rate)),
    });
    return { nodes, rounds, sustained };
  } finally {
    await watch.close();
    await registry.wipe();
  }
}

type Sustaining = {
  readonly registry: Registry;
  readonly nodeIds: readonly string[];
  readonly watch: GroupWatch;
  readonly most: number;
};

async function firstKeptUp(bench: Bench, { registry, nodeIds, watch, most }: Sustaining): Promise<Sustained> {
  let last: Sustained | undefined;
  for (const share of bench.quick ? QUICK_SHARES : SHARES) {
    last = await sustainedHeartbeats(bench, registry, { nodeIds, watch, ratePerSecond: most * share });
    bench.say(
      `  ${last.rate.toFixed(0)}/s sustained: durable after ${last.p99Ms.toFixed(0)} ms (p99), at most ${last.maxMs.toFixed(0)} ms`,
    );
    if (last.isKeptUp) return last;
    await sleep(1000, undefined, { signal: bench.signal });
  }
  if (last === undefined) throw new Error('no share of the maximum was tried');
  return { ...last, rate: 0 };
}

function resultOf(bench: Bench, fleets: readonly Fleet[]): Result {
  return {
    name: heartbeats.name,
    title: heartbeats.title,
    method:
      `${bench.rounds} rounds at ${fleets.map(({ nodes }) => nodes).join(' and at ')} active nodes: the registry is stopped (SIGSTOP), ${bench.quick ? QUICK_BACKLOG : BACKLOG} heartbeats are ` +
      'appended, every node once before one comes again, and it goes on; the rate is that of the offsets committed, which follow the durable deadlines, from the first progress to ' +
      'the last record, and all rows are looked at afterwards. Raw: the same records, kafkajs eachBatch with the same fetch sizes and JSON.parse of each value. Sustained: heartbeats at a fixed ' +
      'rate, evenly; the highest of several at which the deadline is durable within 1 s (p99 of samples of the age of the oldest heartbeat not committed)',
    figures: fleets.flatMap(figuresOf),
    raw: fleets,
  };
}

function figuresOf({ nodes, rounds, sustained }: Fleet): readonly Figure[] {
  const rates = rounds.map(({ rate }) => rate);
  const rawRates = rounds.map(({ rawRate }) => rawRate);
  const at = `at ${nodes} nodes`;
  return [
    {
      name: `raw consumption per second ${at}`,
      unit: '1/s',
      values: rawRates,
      cpuPerThousand: cpuPerThousand(rounds.map(({ rawCpu, beats }) => ({ cpu: rawCpu, operations: beats }))),
    },
    {
      name: `heartbeats consumed per second ${at}`,
      unit: '1/s',
      values: rates,
      cpuPerThousand: cpuPerThousand(rounds.map(({ cpu, beats }) => ({ cpu, operations: beats }))),
      ratio: { of: 'raw consumption', value: pairedRatio(rates, rawRates) },
      wanted: 'at least 0.4 x raw consumption; goal 0.7 x, at least 50,000/s',
    },
    {
      name: `heartbeats sustained per second ${at}, deadline durable within 1 s`,
      unit: '1/s',
      values: [sustained.rate],
      cpuPerThousand: cpuPerThousand([{ cpu: sustained.cpu, operations: sustained.beats }]),
    },
    {
      name: `heartbeat to durable deadline p99 at that rate, ${at}`,
      unit: 'ms',
      values: [sustained.p99Ms],
      wanted: 'at most 1000 ms',
    },
  ];
}
