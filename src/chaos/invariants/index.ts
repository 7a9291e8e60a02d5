import type { Evidence } from '../evidence.js';
import { groupsAtTheEnd, journalFolds, noOutcry, replicasHealthy } from './at-rest.js';
import { backendsAsExpected } from './backends-as-expected.js';
import { deadLetters } from './dead-letters.js';
import { everyAttemptEnds } from './every-attempt-ends.js';
import { foreignUntouched } from './foreign-untouched.js';
import type { Invariant, Judgement } from './invariant.js';
import { noReturnUnasked } from './no-return-unasked.js';
import { noWrongfulExpiry } from './no-wrongful-expiry.js';
import { oncePerAttempt } from './once-per-attempt.js';
import { sameBytes } from './same-bytes.js';

export type { Invariant, Judgement } from './invariant.js';

export const INVARIANTS: readonly Invariant[] = [
  oncePerAttempt,
  sameBytes,
  everyAttemptEnds,
  noReturnUnasked,
  noWrongfulExpiry,
  deadLetters,
  backendsAsExpected,
  foreignUntouched,
  journalFolds,
  groupsAtTheEnd,
  replicasHealthy,
  noOutcry,
];

export type Judged = Judgement & { readonly name: string; readonly means: string };

export function judgeAll(evidence: Evidence): readonly Judged[] {
  return INVARIANTS.map(({ name, means, judge }) => ({ name, means, ...judge(evidence) }));
}
