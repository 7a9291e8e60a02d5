import type { Intent } from '../messages/index.js';
import type { ErrorCode } from './resilience/error-codes.js';

/** What became of one intent: done, or a failure that no repetition will mend. Anything else is a {@link BackendUnavailable}. */
export type EffectOutcome =
  { readonly ok: true } | { readonly ok: false; readonly errorCode: ErrorCode; readonly errorMessage: string };

/** An intent with the time of the message that brought it: the only time written, so a repetition writes the same bytes. */
export type EffectRequest<I extends Intent> = {
  readonly intent: I;
  /** RFC 3339, UTC. */
  readonly eventTimestamp: string;
};

/**
 * Makes a backend hold what intents ask for. The caller sees to it that at most one intent per node is under way on a
 * backend at a time. Rejects with {@link BackendUnavailable} when the backend is out of reach: part of the batch may be
 * written by then, and the whole of it is to be applied again.
 */
export type EffectHandler<I extends Intent = Intent> = {
  /** The name that contract.yaml routes to. */
  readonly id: string;
  /** The outcomes are in the order of the requests. */
  apply(requests: readonly EffectRequest<I>[]): Promise<readonly EffectOutcome[]>;
};

/** The intents of one operation. */
export type IntentOf<T extends Intent['intentType']> = Extract<Intent, { readonly intentType: T }>;

export const DONE: EffectOutcome = { ok: true };
