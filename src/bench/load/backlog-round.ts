import type { Bench, CpuSeconds, Registry } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';
import { appendBacklog } from './backlog.js';
import { withClient } from './fixture/fleet-fixture.js';
import type { GroupWatch, Lag } from './group-watch.js';
import { NodeMessages } from './node-messages.js';
import { rateOf, type Sample } from './progress.js';
import { consumeRaw } from './raw-consumption.js';

export type BacklogRound = {
  readonly beats: number;
  /** Heartbeats per second. */
  readonly rate: number;
  readonly cpu: CpuSeconds;
  readonly rawRate: number;
  readonly rawCpu: CpuSeconds;
};

type Backlog = {
  readonly registry: Registry;
  readonly nodeIds: readonly string[];
  /** Full name of the topic of heartbeats. */
  readonly topic: string;
  readonly watch: GroupWatch;
  readonly beats: number;
};

const SAMPLE_EVERY_MS = 20;

/** Lets the registry work off a backlog, then reads the same records raw. */
export async function backlogRound(bench: Bench, backlog: Backlog): Promise<BacklogRound> {
  const { registry, nodeIds, topic, watch, beats } = backlog;
  const { brokers } = bench.servers;
  const messages = new NodeMessages(registry.topicPrefix);
  const records = Array.from({ length: beats }, (_, index) =>
    messages.heartbeat(nodeIds[index % nodeIds.length] ?? ''),
  );
  const began = new Date();
  process.kill(registry.pid, 'SIGSTOP');
  const from = await appendBacklog(brokers, records).finally(() => process.kill(registry.pid, 'SIGCONT'));
  const before = bench.usage.cpu();
  const isDone = ({ appended, done }: Lag): boolean => done >= appended;
  const { done } = await watch.samples(SAMPLE_EVERY_MS, isDone, bench.signal);
  const cpu = cpuBetween(before, bench.usage.cpu());
  await checkRows(registry.databaseUrl, began, Math.min(beats, nodeIds.length));

  const rawBefore = bench.usage.cpu();
  const rawRate = await consumeRaw(brokers, topic, from, beats);
  const rawCpu = cpuBetween(rawBefore, bench.usage.cpu());
  return { beats, rate: rateIn(done), cpu, rawRate, rawCpu };
}

function rateIn(samples: readonly Sample[]): number {
  const rate = rateOf(samples);
  if (rate === null) throw new Error('the backlog was read in one go: it is too short to tell a rate');
  return rate;
}

async function checkRows(databaseUrl: string, since: Date, nodes: number): Promise<void> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ moved: number }>(
      `select count(*)::int as moved from machine_states
       where machine = 'orchestrator' and last_heartbeat_at >= $1 and deadline_at > last_heartbeat_at`,
      [since],
    ),
  );
  const moved = rows[0]?.moved ?? 0;
  if (moved !== nodes)
    throw new Error(`the heartbeats of ${nodes} nodes are committed, but ${moved} deadlines have moved`);
}
