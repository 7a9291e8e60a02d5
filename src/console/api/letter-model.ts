/** What the API says of dead letters: no requests here. */
import type { DeadLetterDetail, DeadLetterPage } from '../../api-answers/answers.js';

export type Cause = DeadLetterDetail['cause'];
export const CAUSES = ['malformed', 'unrouted', 'rejected_by_handler', 'too_large'] as const satisfies readonly Cause[];

export type { RedriveReport } from '../../api-answers/answers.js';
export type LetterPage = DeadLetterPage;
export type Letter = DeadLetterPage['items'][number];
export type LetterDetail = DeadLetterDetail;

export type LetterFilter = {
  readonly cause?: Cause;
  readonly nodeId?: string;
  readonly reasonContains?: string;
  /** Only what was not sent again yet. */
  readonly redriven?: 'never';
  readonly quarantined?: boolean;
};
