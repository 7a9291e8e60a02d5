import { setTimeout as sleep } from 'node:timers/promises';
import { faultText, type Fault, type Planned } from './fault.js';

/** A fault that was, with its times in epoch milliseconds. */
export type Inflicted = {
  readonly fault: Fault;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly remark: string | undefined;
};

export type Sequence = {
  readonly plan: Iterable<Planned>;
  /** None begins later than this; epoch milliseconds. */
  readonly until: number;
  readonly inflict: (fault: Fault) => Promise<string | undefined>;
  /** Resolves when a registration succeeds that began now, or after some patience. */
  readonly recovered: () => Promise<void>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

/** One fault after the other, some of them side by side. Resolves when the last one is over; rejects with the first that went wrong. */
export async function inflictAll({
  plan,
  until,
  inflict,
  recovered,
  say,
  signal,
}: Sequence): Promise<readonly Inflicted[]> {
  const inflicted: Inflicted[] = [];
  let underWay: Promise<void>[] = [];
  const one = async (fault: Fault): Promise<void> => {
    const beganAt = Date.now();
    say(`fault: ${faultText(fault)}`);
    const remark = await inflict(fault);
    const endedAt = Date.now();
    inflicted.push({ fault, beganAt, endedAt, remark });
    say(
      `over:  ${fault.kind} ${fault.target} after ${((endedAt - beganAt) / 1000).toFixed(1)} s${remark ? `: ${remark}` : ''}`,
    );
  };
  try {
    for (const { fault, pauseMs, alongside, afterRecovery } of plan) {
      if (!alongside) {
        await Promise.all(underWay);
        underWay = [];
        if (afterRecovery) await recovered();
      }
      if (Date.now() + pauseMs >= until) break;
      // The pause ends early when one of those under way goes wrong.
      await Promise.race([sleep(pauseMs, undefined, { signal }), failureOf(underWay)]);
      const begun = one(fault);
      underWay.push(begun);
    }
    await Promise.all(underWay);
  } finally {
    // Where one went wrong, the others still undo what they have done.
    await Promise.allSettled(underWay);
  }
  return inflicted;
}

/** Never resolves. */
function failureOf(promises: readonly Promise<void>[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const promise of promises) promise.catch(reject);
  });
}
