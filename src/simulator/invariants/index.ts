import { acknowledgedStays } from './acknowledged-stays.js';
import { backendsHoldWhatIsDesired } from './backends-hold-what-is-desired.js';
import { blindAuditsRepairNothing } from './blind-audits-repair-nothing.js';
import { desiredFollowsWorkflow } from './desired-follows-workflow.js';
import { everyRubbishHasItsLetter } from './every-rubbish-has-its-letter.js';
import { everyRepairIsJournalled } from './every-repair-is-journalled.js';
import { foreignStays } from './foreign-stays.js';
import type { Invariant } from './invariant.js';
import { journalFoldsToState } from './journal-folds-to-state.js';
import { markerInItsTopic } from './marker-in-its-topic.js';
import { noResurrection } from './no-resurrection.js';
import { noStaleConsulWrite } from './no-stale-consul-write.js';
import { nothingCommittedEarly } from './nothing-committed-early.js';
import { nothingLost } from './nothing-lost.js';
import { nothingPending } from './nothing-pending.js';
import { noUnfairExpiry } from './no-unfair-expiry.js';
import { noUnfairTimeout } from './no-unfair-timeout.js';
import { oneOutcomePerAttempt } from './one-outcome-per-attempt.js';
import { oneStepFromOneState } from './one-step-from-one-state.js';
import { rightStaysRight } from './right-stays-right.js';
import { sameIdSameBytes } from './same-id-same-bytes.js';

/** All that is checked in every run. */
export const INVARIANTS: readonly Invariant[] = [
  oneOutcomePerAttempt,
  sameIdSameBytes,
  oneStepFromOneState,
  markerInItsTopic,
  noUnfairTimeout,
  noUnfairExpiry,
  noResurrection,
  nothingCommittedEarly,
  noStaleConsulWrite,
  rightStaysRight,
  foreignStays,
  blindAuditsRepairNothing,
  everyRepairIsJournalled,
  nothingPending,
  nothingLost,
  acknowledgedStays,
  desiredFollowsWorkflow,
  backendsHoldWhatIsDesired,
  journalFoldsToState,
  everyRubbishHasItsLetter,
];
