import { call } from './call.js';

export const CAUSES = ['malformed', 'unrouted', 'rejected_by_handler', 'too_large'] as const;
export type Cause = (typeof CAUSES)[number];

export type Letter = {
  readonly id: string;
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: string;
  readonly cause: Cause;
  readonly reason: string;
  readonly nodeId: string | null;
  readonly valueTruncated: boolean;
  readonly occurredAt: string;
  readonly attempt: number;
  readonly quarantined: boolean;
  readonly redrives: number;
};

export type LetterDetail = Omit<Letter, 'redrives'> & {
  readonly originalKey: string | null;
  readonly originalHeaders: Readonly<Record<string, string | readonly string[]>>;
  /** Base64; null for a tombstone. */
  readonly originalValue: string | null;
  /** The value as text; null where it is none. */
  readonly originalText: string | null;
  readonly originalEventId: string | null;
  readonly redriveOf: string | null;
  readonly lineQuarantined: boolean;
  readonly redrives: readonly {
    readonly redrivenAt: string;
    readonly how: 'id' | 'filter';
    readonly requestedFrom: string | null;
    readonly forced: boolean;
  }[];
  readonly successors: readonly {
    readonly id: string;
    readonly attempt: number;
    readonly occurredAt: string;
    readonly quarantined: boolean;
  }[];
};

export type LetterPage = { readonly items: readonly Letter[]; readonly nextCursor: string | null };

export type LetterFilter = {
  readonly cause?: Cause;
  readonly nodeId?: string;
  readonly reasonContains?: string;
  /** Only what was not sent again yet. */
  readonly redriven?: 'never';
  readonly quarantined?: boolean;
};

export type RedriveReport = {
  readonly requestId: string;
  readonly dryRun: boolean;
  readonly matched: number;
  readonly moreMatch: boolean;
  readonly sent: { readonly count: number; readonly ids: readonly string[] };
  readonly notSent: readonly { readonly why: string; readonly count: number; readonly ids: readonly string[] }[];
};

const PAGE = 50;

export async function readLetters(
  filter: LetterFilter,
  cursor: string | null,
  signal: AbortSignal,
): Promise<LetterPage> {
  const entries = Object.entries(filter).map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams([
    ...entries,
    ['limit', String(PAGE)],
    ...(cursor === null ? [] : [['cursor', cursor]]),
  ]);
  return (await call<LetterPage>(`/v1/dead-letters?${query.toString()}`, { signal })).body;
}

export async function readLetter(id: string, signal: AbortSignal): Promise<LetterDetail> {
  return (await call<LetterDetail>(`/v1/dead-letters/${encodeURIComponent(id)}`, { signal })).body;
}

export async function redriveLetter(id: string, force: boolean): Promise<void> {
  await call(`/v1/dead-letters/${encodeURIComponent(id)}/redrive`, { method: 'POST', body: { force } });
}

export async function releaseLetter(id: string): Promise<void> {
  await call(`/v1/dead-letters/${encodeURIComponent(id)}/release`, { method: 'POST' });
}

export async function redriveByFilter(filter: LetterFilter, dryRun: boolean, limit: number): Promise<RedriveReport> {
  const body = { filter, dryRun, limit };
  return (await call<RedriveReport>('/v1/dead-letters/redrive', { method: 'POST', body })).body;
}
