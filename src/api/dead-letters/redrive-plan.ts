import type { Candidate } from '../read/dead-letters-redrives.js';
import { notRedrivable, type NotRedrivable } from './redrive.js';

/** Letters that one look at the table takes in, the oldest first. Where more are found, a narrower filter reaches them. */
export const MAX_EXAMINED = 10_000;
/** Ids that an answer names of each kind of letter that is not sent. */
const MAX_IDS_NAMED = 20;
/** Letters and characters of one publish; a letter can have 700,000, and one that is longer goes alone. */
const MAX_IN_CHUNK = 100;
const MAX_CHUNK_CHARACTERS = 4 * 1024 * 1024;

/**
 * Why a letter that was found is not sent. `superseded`: a later letter of its line stands for it; `over_limit`: the next
 * request sends it; `unconfirmed`: the log did not say that it has it, and may have it all the same; `not_tried`: what came
 * before it could not be sent.
 */
export type NotSentWhy =
  NotRedrivable | 'quarantined' | 'superseded' | 'over_limit' | 'unconfirmed' | 'not_tried' | 'gone';

export type NotSent = {
  readonly why: NotSentWhy;
  readonly count: number;
  /** The first 20. */
  readonly ids: readonly string[];
};

export type RedrivePlan = {
  /** To be sent, in this order. */
  readonly chunks: readonly (readonly string[])[];
  readonly notSent: readonly (readonly [id: string, why: NotSentWhy])[];
  /** Letters that the filter found, of which at most {@link MAX_EXAMINED} were looked at. */
  readonly matched: number;
  readonly moreMatch: boolean;
};

/** Sorts what a filter found; `candidates` may have one more than are looked at, which tells that there are more. */
export function planRedrive(candidates: readonly Candidate[], limit: number, topicPrefix: string): RedrivePlan {
  const examined = candidates.slice(0, MAX_EXAMINED);
  const toSend: Candidate[] = [];
  const notSent: [string, NotSentWhy][] = [];
  for (const candidate of examined) {
    const why = whyNot(candidate, topicPrefix) ?? (toSend.length < limit ? null : 'over_limit');
    if (why === null) toSend.push(candidate);
    else notSent.push([candidate.id, why]);
  }
  return {
    chunks: chunksOf(toSend),
    notSent,
    matched: examined.length,
    moreMatch: candidates.length > examined.length,
  };
}

function whyNot(candidate: Candidate, topicPrefix: string): NotSentWhy | null {
  const why = notRedrivable({ ...candidate, hasValue: candidate.valueLength !== null }, topicPrefix);
  if (why !== null) return why;
  // In this order: the older letters of a line in quarantine are there because of the newest.
  if (candidate.lineQuarantined) return 'quarantined';
  return candidate.superseded ? 'superseded' : null;
}

function chunksOf(candidates: readonly Candidate[]): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let chunk: string[] = [];
  let characters = 0;
  for (const { id, valueLength } of candidates) {
    const size = valueLength ?? 0;
    if (chunk.length > 0 && (chunk.length === MAX_IN_CHUNK || characters + size > MAX_CHUNK_CHARACTERS)) {
      chunks.push(chunk);
      chunk = [];
      characters = 0;
    }
    chunk.push(id);
    characters += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** By reason, each with how many and the first of them. */
export function summarised(notSent: RedrivePlan['notSent']): readonly NotSent[] {
  const byReason = new Map<NotSentWhy, { count: number; ids: string[] }>();
  for (const [id, why] of notSent) {
    const entry = byReason.get(why) ?? { count: 0, ids: [] };
    entry.count += 1;
    if (entry.ids.length < MAX_IDS_NAMED) entry.ids.push(id);
    byReason.set(why, entry);
  }
  return [...byReason].map(([why, entry]) => ({ why, ...entry }));
}
