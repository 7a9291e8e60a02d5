import { setTimeout as sleep } from 'node:timers/promises';
import { nodeIdOf } from '../../fleet/simulated-node.js';
import { TopicNames, topicOf } from '../../messages/index.js';
import { Expiries } from '../load/expiries.js';
import { createFleet, withClient } from '../load/fixture/fleet-fixture.js';
import { muteFleet } from '../load/fixture/mute-fleet.js';
import { GroupWatch } from '../load/group-watch.js';
import { Handshakes } from '../load/handshakes.js';
import { Heard } from '../load/heard.js';
import { HeartbeatLoad } from '../load/heartbeat-load.js';
import { until } from '../load/until.js';
import type { Bench, Registry, Result, Scenario } from '../scenario.js';
import { herd } from './herd.js';
import { auditedOnce, idleCost, type Idle } from './large-fleet-idle.js';
import type { LargeFleet, Size } from './large-fleet-parts.js';
import { largeFleetResult, type Measured } from './large-fleet-result.js';
import { timedStart, type Start } from './large-fleet-start.js';
import { steady, type Steady } from './large-fleet-steady.js';
import { massSilence, singleSilences } from './silence.js';

const FULL: Size = { nodes: 100_000, intervalMs: 10_000, starts: 3, singles: 20, silent: 10_000, herd: 20_000 };
const QUICK: Size = { nodes: 5000, intervalMs: 2000, starts: 1, singles: 3, silent: 500, herd: 1000 };
/** As the defaults of both have it. */
const WINDOW_INTERVALS = 3;

export const largeFleet: Scenario = {
  name: 'large-fleet',
  title: 'A large fleet: idle, start, heartbeats, silence, a herd',

  async run(bench: Bench): Promise<Result> {
    const size = bench.quick ? QUICK : FULL;
    const windowMs = size.intervalMs * WINDOW_INTERVALS;
    const env = { HEARTBEAT_INTERVAL_MS: String(size.intervalMs), LIVENESS_WINDOW_MS: String(windowMs) };
    const first = await bench.startRegistry({ env });
    await auditedOnce(bench, first);
    const idleEmpty = await idleCost(bench);
    const nodeIds = await createFleet(bench, first, { nodes: size.nodes, prefix: 'fleet' });
    const idleFull = await idleWithFleet(bench, first);
    bench.say(
      `  idle: ${idleEmpty.registry.toFixed(1)} % of a core without nodes, ${idleFull.registry.toFixed(1)} % with ${size.nodes}`,
    );
    const measured = await withEars(bench, first, async (ears) => {
      const starts = await startSeveralTimes(bench, first, ears, size.starts);
      const registry = starts.at(-1)?.registry ?? first;
      const beats = await HeartbeatLoad.start(bench, registry, size.intervalMs);
      const fleet: LargeFleet = { bench, registry, nodeIds, windowMs, beats, ...ears };
      return { size, idleEmpty, idleFull, starts, ...(await measure(fleet, size)) };
    });
    await measured.starts.at(-1)?.registry.wipe();
    return largeFleetResult(bench, measured);
  },
};

async function idleWithFleet(bench: Bench, stopped: Registry): Promise<Idle> {
  return withClient(stopped.databaseUrl, async (client) => {
    const restore = await muteFleet(client);
    const registry = await bench.startRegistry({ replicaOf: stopped });
    await auditedOnce(bench, registry);
    const idle = await idleCost(bench);
    await registry.stop();
    await restore();
    return idle;
  });
}

type Ears = Pick<LargeFleet, 'handshakes' | 'heard' | 'expiries' | 'watch'>;

async function withEars<T>(bench: Bench, registry: Registry, work: (ears: Ears) => Promise<T>): Promise<T> {
  const { topicPrefix } = registry;
  const heard = new Heard();
  const expiries = new Expiries();
  const handshakes = await Handshakes.open({
    brokers: bench.servers.brokers,
    topicPrefix,
    accepted: heard.accepted,
    active: heard.active,
    expired: (nodeId, value, at) => expiries.note(nodeId, value, at),
  });
  const topic = new TopicNames(topicPrefix).full(topicOf('NODE_HEARTBEAT'));
  const watch = await GroupWatch.open(bench.servers, registry, 'heartbeats', topic);
  try {
    return await work({ handshakes, heard, expiries, watch });
  } finally {
    await Promise.all([handshakes.close(), watch.close()]);
  }
}

/** The last registry stays. */
async function startSeveralTimes(
  bench: Bench,
  stopped: Registry,
  ears: Ears,
  times: number,
): Promise<readonly Start[]> {
  const { handshakes, heard, expiries } = ears;
  const starts: Start[] = [];
  for (let index = 0; index < times; index++) {
    await starts.at(-1)?.registry.stop();
    expiries.silence([nodeIdOf('first', index)]); // nobody beats for it before the fleet does
    const start = await timedStart(bench, stopped, handshakes, nodeIdOf('first', index), heard.acceptedAt);
    bench.say(
      `  start: ready after ${start.readyMs.toFixed(0)} ms, first step after ${start.firstStepMs.toFixed(0)} ms`,
    );
    await until(
      () => handshakes.open === 0,
      () => 'the node that waited for the start is not active',
      {
        withinMs: 30_000,
        everyMs: 50,
        signal: bench.signal,
      },
    );
    starts.push(start);
  }
  return starts;
}

async function measure(
  fleet: LargeFleet,
  size: Size,
): Promise<Pick<Measured, 'steady' | 'single' | 'mass' | 'herd' | 'wrongful'>> {
  const { bench, beats, nodeIds, heard, expiries, windowMs } = fleet;
  const { signal } = bench;
  const say = (line: string): void => bench.say(line);
  await beats.add([...nodeIds, ...heard.takeActive()]);
  // Silence counts only after a window of listening.
  await sleep(windowMs + size.intervalMs, undefined, { signal });
  const rounds: Steady[] = [];
  for (let round = 1; round <= bench.rounds; round++) {
    const found = await steady(fleet);
    rounds.push(found);
    say(
      `  round ${round}: ${(found.beats / found.seconds).toFixed(0)} heartbeats/s, stall p99 ${found.stallP99Ms.toFixed(1)} ms, ${found.residentMiB.registry.toFixed(0)} MiB`,
    );
  }
  const single = await singleSilences(fleet, nodeIds.slice(0, size.singles));
  say(`  ${size.singles} nodes fell silent one by one: found`);
  const mass = await massSilence(fleet, nodeIds.slice(size.singles, size.singles + size.silent));
  say(`  ${size.silent} nodes fell silent at once: found`);
  await allDeregistered(fleet, size.singles + size.silent);
  const stampede = await herd(fleet, size.herd);
  say(`  herd of ${size.herd}: all active after ${stampede.activeSeconds.toFixed(1)} s`);
  // Whoever was wronged by it is told within a window.
  await sleep(windowMs + 5000, undefined, { signal });
  await beats.count(); // rejects where one could not be sent
  return { steady: rounds, single, mass, herd: stampede, wrongful: expiries.wrongful };
}

/** So that the herd does not meet the end of what the silence has led to. */
async function allDeregistered({ bench, registry }: LargeFleet, nodes: number): Promise<void> {
  await withClient(registry.databaseUrl, async (client) => {
    let gone = 0;
    const areAll = async (): Promise<boolean> => {
      const { rows } = await client.query<{ gone: number }>(
        `select count(*)::int as gone from node_registrations where state = 'deregistered'`,
      );
      gone = rows[0]?.gone ?? 0;
      return gone >= nodes;
    };
    await until(areAll, () => `of ${nodes} silent nodes ${gone} are deregistered`, {
      withinMs: 120_000,
      everyMs: 500,
      signal: bench.signal,
    });
  });
}
