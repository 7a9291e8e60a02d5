/** What may be asked of dead letters: no requests here. */
import type { DeadLetter } from '../../api-answers/answers.js';

export type Cause = DeadLetter['cause'];
export const CAUSES = ['malformed', 'unrouted', 'rejected_by_handler', 'too_large'] as const satisfies readonly Cause[];

export type LetterFilter = {
  readonly cause?: Cause;
  readonly nodeId?: string;
  readonly reasonContains?: string;
  /** Only what was not sent again yet. */
  readonly redriven?: 'never';
  readonly quarantined?: boolean;
};
