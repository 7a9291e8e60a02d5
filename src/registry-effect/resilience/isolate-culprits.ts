import { handleWhen, retry } from 'cockatiel';
import { errorText } from '../../messages/index.js';
import type { EffectOutcome } from '../effect-handler.js';
import { BackendFault } from './backend-fault.js';
import { backoff } from './backoff.js';
import { ERROR_CODES, isUnavailable, type ErrorCode } from './error-codes.js';
import type { Resilience } from './resilience-options.js';

export type Isolation<T> = {
  /** Writes all of them or throws; may say of single ones that they failed. Outcomes in the order of the items. */
  readonly write: (items: readonly T[]) => Promise<readonly EffectOutcome[]>;
  readonly classify: (error: unknown) => ErrorCode;
  /** Told as soon as it is known, so that a fault in the middle does not undo it. */
  readonly settle: (item: T, outcome: EffectOutcome) => void;
  readonly settings: Resilience;
};

/**
 * Writes a batch so that one bad item fails alone: halves it until the culprit stands by itself. Throws {@link BackendFault}
 * when the backend does not serve; every other error ends as the outcome of an item.
 */
export async function isolateCulprits<T>(items: readonly T[], isolation: Isolation<T>): Promise<void> {
  const { write, classify, settle } = isolation;
  try {
    const outcomes = await write(items);
    items.forEach((item, index) => settle(item, outcomes[index]!));
  } catch (error) {
    const code = classify(error);
    if (isUnavailable(code)) throw new BackendFault(code, error);
    const [first] = items;
    if (items.length > 1) {
      const middle = items.length >> 1;
      await isolateCulprits(items.slice(0, middle), isolation);
      await isolateCulprits(items.slice(middle), isolation);
    } else if (first !== undefined) {
      settle(first, await alone(first, error, isolation));
    }
  }
}

/** The last word on one item. An error that nobody knows gets further tries; one that is known does not. */
async function alone<T>(item: T, firstError: unknown, isolation: Isolation<T>): Promise<EffectOutcome> {
  const { write, classify, settings } = isolation;
  const unclassified = handleWhen((error) => {
    const code = classify(error);
    return ERROR_CODES[code].terminal && ERROR_CODES[code].retried;
  });
  let tries = 0;
  try {
    return await retry(unclassified, {
      maxAttempts: settings.unknownAttempts - 1,
      backoff: backoff(settings),
    }).execute(async () => {
      tries += 1;
      if (tries === 1) throw firstError;
      return (await write([item]))[0]!;
    });
  } catch (error) {
    const errorCode = classify(error);
    if (isUnavailable(errorCode)) throw new BackendFault(errorCode, error);
    return { ok: false, errorCode, errorMessage: errorText(error) };
  }
}
