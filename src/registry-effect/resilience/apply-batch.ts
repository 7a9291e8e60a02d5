import type { EffectOutcome } from '../effect-handler.js';
import type { Circuit } from './circuit.js';
import type { Resilience } from './resilience-options.js';

/** One item of a batch and its place in it. */
export type Pending<T> = { readonly index: number; readonly item: T };

export type Settle<T> = (pending: Pending<T>, outcome: EffectOutcome) => void;

/** Brings a whole batch to an end through the circuit; a further try writes only what has no outcome yet. */
export async function applyBatch<T>(
  items: readonly T[],
  circuit: Circuit,
  { onError }: Resilience,
  write: (pending: readonly Pending<T>[], settle: Settle<T>) => Promise<void>,
): Promise<readonly EffectOutcome[]> {
  if (items.length === 0) return [];
  const outcomes = new Map<number, EffectOutcome>();
  const settle: Settle<T> = ({ index }, outcome) => {
    outcomes.set(index, outcome);
    if (!outcome.ok) onError?.(outcome.errorCode, outcome.errorMessage);
  };
  await circuit.run(() =>
    write(
      items.map((item, index) => ({ index, item })).filter(({ index }) => !outcomes.has(index)),
      settle,
    ),
  );
  return items.map((_, index) => outcomes.get(index)!);
}
