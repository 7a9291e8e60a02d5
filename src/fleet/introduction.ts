import { setTimeout as sleep } from 'node:timers/promises';
import { Schedule } from './schedule.js';

/** At full speed this many are handed over at once; two such portions are under way. */
const PORTION = 500;
/** Fewer, larger sends at high rates; up to this late, which the latencies include. */
const SHORTEST_SLEEP_MS = 2;

export type Introduction = {
  readonly nodes: number;
  readonly clock: () => number;
  /** Begins nodes number `from` to `to`, each due at its own time; resolves when their introspections are sent, and never rejects. */
  readonly introduce: (from: number, to: number, dueAt: (index: number) => number) => Promise<void>;
  readonly stop: AbortSignal;
};

/** As fast as the transport takes them: one portion is being sent while the next one is made. */
export async function flood({ nodes, clock, introduce, stop }: Introduction): Promise<void> {
  let before = Promise.resolve();
  for (let next = 0; next < nodes && !stop.aborted; next += PORTION) {
    const now = clock();
    const sent = introduce(next, Math.min(next + PORTION, nodes), () => now);
    await before;
    before = sent;
  }
  await before;
}

/** At `rate` nodes per second, whatever the registry does. `introduced`: so many are, and the next one is due then. */
export async function pace(
  { nodes, clock, introduce, stop }: Introduction,
  rate: number,
  introduced: (count: number, nextAt: number) => void,
): Promise<void> {
  const schedule = new Schedule(nodes, rate, clock());
  for (let next = 0; next < nodes && !stop.aborted;) {
    const due = schedule.due(clock());
    if (due > next) void introduce(next, due, (index) => schedule.dueAt(index));
    next = due;
    introduced(next, schedule.dueAt(next));
    const wait = Math.max(SHORTEST_SLEEP_MS, schedule.dueAt(next) - clock());
    await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
  }
}
