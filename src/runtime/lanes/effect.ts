import type { Intent } from '../../messages/index.js';

export type EffectOutcome =
  { readonly ok: true } | { readonly ok: false; readonly errorCode: string; readonly errorMessage: string };

/** An intent with the time that its effects carry, so that a repetition writes the same. */
export type TimedIntent<I extends Intent = Intent> = { readonly intent: I; readonly eventTimestamp: string };

/**
 * A handler of an effect component: carries out intents, at most one a node, and answers in their order. Throws an error
 * with `retryAfterMs` when its backend cannot be reached: nothing is answered then, and the intents come again.
 */
export type EffectHandler = {
  readonly id: string;
  apply(intents: readonly TimedIntent[]): Promise<readonly EffectOutcome[]>;
};

export function isBackendUnavailable(error: unknown): error is Error & { readonly retryAfterMs: number } {
  return error instanceof Error && 'retryAfterMs' in error && typeof error.retryAfterMs === 'number';
}
