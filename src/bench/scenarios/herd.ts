import { nodeIdOf } from '../../fleet/simulated-node.js';
import { delays } from '../load/progress.js';
import { scrape, stallMs } from '../load/scrape.js';
import { percentile } from '../rounds.js';
import type { CpuSeconds, Figure } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';
import type { LargeFleet } from './large-fleet-parts.js';

export type Herd = {
  readonly nodes: number;
  /** From the first introspection until the last node was heard to be accepted, and to be active. */
  readonly acceptedSeconds: number;
  readonly activeSeconds: number;
  readonly cpu: CpuSeconds;
  /** Age of the oldest heartbeat that was not durable yet, in ms, over all samples. */
  readonly heartbeatsLateP99Ms: number;
  readonly heartbeatsLateMaxMs: number;
  readonly stallP99Ms: number;
  readonly stallMaxMs: number;
};

const WITHIN_MS = 300_000;
const SAMPLE_EVERY_MS = 100;

/** New nodes introduce themselves all at once while the fleet beats on; each beats itself as soon as it is active. */
export async function herd(fleet: LargeFleet, nodes: number): Promise<Herd> {
  const { bench, registry, beats, handshakes, heard, watch } = fleet;
  const ids = Array.from({ length: nodes }, (_, index) => nodeIdOf('herd', index));
  const lateAt = performance.now() + WITHIN_MS;
  await scrape(registry.baseUrl);
  const [before, began] = [bench.usage.cpu(), performance.now()];
  const introduced = handshakes.introduce(ids);
  let beating = 0;
  const settle = async (): Promise<void> => {
    const active = heard.takeActive();
    beating += active.length;
    if (active.length > 0) await beats.add(active);
  };
  let joining: Promise<void> = Promise.resolve();
  const isOver = (): boolean => {
    joining = joining.then(settle);
    handshakes.check();
    if (performance.now() > lateAt)
      throw new Error(`of ${nodes} nodes ${nodes - handshakes.open} became active within 5 min`);
    return handshakes.open === 0;
  };
  const { appended, done } = await watch.samples(SAMPLE_EVERY_MS, isOver, bench.signal);
  await Promise.all([introduced, joining.then(settle)]);
  const cpu = cpuBetween(before, bench.usage.cpu());
  const stall = stallMs(await scrape(registry.baseUrl));
  if (beating !== nodes) throw new Error(`${nodes} nodes are active, but ${beating} of them were told to beat`);
  const late = delays(appended, done);
  const last = (times: ReadonlyMap<string, number>): number =>
    (ids.reduce((latest, id) => Math.max(latest, times.get(id) ?? NaN), 0) - began) / 1000;
  return {
    nodes,
    cpu,
    acceptedSeconds: last(heard.acceptedAt),
    activeSeconds: last(heard.activeAt),
    heartbeatsLateP99Ms: percentile(late, 99),
    heartbeatsLateMaxMs: Math.max(...late),
    stallP99Ms: stall.p99,
    stallMaxMs: stall.max,
  };
}

export function herdFigures(herds: readonly Herd[]): readonly Figure[] {
  const [{ nodes } = { nodes: 0 }] = herds;
  const figure = (name: string, unit: string, valueOf: (one: Herd) => number): Figure => ({
    name: `herd of ${nodes}: ${name}`,
    unit,
    values: herds.map(valueOf),
  });
  return [
    figure('until all are accepted', 's', ({ acceptedSeconds }) => acceptedSeconds),
    figure('until all are active', 's', ({ activeSeconds }) => activeSeconds),
    figure('registrations per second beside the heartbeats', '1/s', ({ activeSeconds }) => nodes / activeSeconds),
    figure('heartbeat to durable deadline p99 meanwhile', 'ms', ({ heartbeatsLateP99Ms }) => heartbeatsLateP99Ms),
    figure('heartbeat to durable deadline, longest', 'ms', ({ heartbeatsLateMaxMs }) => heartbeatsLateMaxMs),
    figure('event-loop stall p99', 'ms', ({ stallP99Ms }) => stallP99Ms),
  ];
}
