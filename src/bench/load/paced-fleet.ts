import { pace } from '../../fleet/introduction.js';
import { nodeIdOf } from '../../fleet/simulated-node.js';
import type { Handshakes } from './handshakes.js';
import { until } from './until.js';

export type PacedFleet = {
  readonly prefix: string;
  readonly nodes: number;
  readonly ratePerSecond: number;
  readonly signal: AbortSignal;
};

const ALL_WITHIN_MS = 60_000;

/** New nodes at times fixed in advance (open loop); resolves when all of them are active, and looks at nothing else. */
export async function registerPaced(handshakes: Handshakes, fleet: PacedFleet): Promise<void> {
  const { prefix, nodes, ratePerSecond, signal } = fleet;
  const sending: Promise<void>[] = [];
  const introduce = (from: number, to: number): Promise<void> => {
    const sent = handshakes.introduce(Array.from({ length: to - from }, (_, index) => nodeIdOf(prefix, from + index)));
    sent.catch(() => undefined); // told of below
    sending.push(sent);
    return sent;
  };
  await pace({ nodes, clock: () => performance.now(), introduce, stop: signal }, ratePerSecond, () => undefined);
  signal.throwIfAborted();
  await Promise.all(sending);
  const isOver = (): boolean => {
    handshakes.check();
    return handshakes.open === 0;
  };
  const otherwise = (): string => `${handshakes.open} of ${nodes} nodes are not active: see the registry's log`;
  await until(isOver, otherwise, { withinMs: ALL_WITHIN_MS, everyMs: 10, signal });
}
