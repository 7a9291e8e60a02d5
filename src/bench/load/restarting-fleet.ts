import { setTimeout as sleep } from 'node:timers/promises';
import { nodeIdOf } from '../../fleet/simulated-node.js';
import { Schedule } from '../../fleet/schedule.js';
import type { Handshakes } from './handshakes.js';

export type RestartingFleet = {
  readonly nodes: number;
  /** Registrations per second of the whole fleet. */
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
};

const STEP_MS = 20;

/**
 * Nodes that start again and again, in turn and at a rate: each start is a registration from introspection to active, with a newer incarnation,
 * while what the backends hold stays as large as it is. Open loop; resolves when all starts are introduced.
 */
export async function restartInTurn(
  handshakes: Handshakes,
  { nodes, ratePerSecond, seconds, signal }: RestartingFleet,
): Promise<void> {
  const starts = Math.round(ratePerSecond * seconds);
  const schedule = new Schedule(starts, ratePerSecond, performance.now());
  const sending: Promise<void>[] = [];
  for (let next = 0; next < starts; await sleep(STEP_MS, undefined, { signal })) {
    const due = schedule.due(performance.now());
    const ids = Array.from({ length: due - next }, (_, index) => nodeIdOf('soak', (next + index) % nodes));
    if (ids.length > 0) sending.push(handshakes.introduce(ids));
    if (sending.length > 100) await Promise.all(sending.splice(0));
    next = due;
  }
  await Promise.all(sending);
}
