import type { Handshakes } from '../load/handshakes.js';
import { until } from '../load/until.js';
import type { Bench, Registry } from '../scenario.js';

export type Start = {
  readonly registry: Registry;
  /** From the spawn of the process, in ms. */
  readonly readyMs: number;
  /** Until the *accepted* for an introspection that was waiting in the log was heard. */
  readonly firstStepMs: number;
};

/** Starts a registry in place of another one, while a node waits for it. `acceptedAt`: tells of *accepted*, by `performance.now()`. */
export async function timedStart(
  bench: Bench,
  stopped: Registry,
  handshakes: Handshakes,
  nodeId: string,
  acceptedAt: ReadonlyMap<string, number>,
): Promise<Start> {
  await handshakes.introduce([nodeId]);
  const began = performance.now();
  const registry = await bench.startRegistry({ replicaOf: stopped });
  const readyMs = performance.now() - began;
  await until(
    () => acceptedAt.has(nodeId),
    () => `${nodeId} was not accepted after the start`,
    {
      withinMs: 60_000,
      everyMs: 10,
      signal: bench.signal,
    },
  );
  return { registry, readyMs, firstStepMs: (acceptedAt.get(nodeId) ?? NaN) - began };
}
