import type { DeadLetterDetail, DeadLetterPage, RedriveReport } from '../../api-answers/answers.js';
import { call } from './call.js';
import type { LetterFilter } from './letter-model.js';

const PAGE = 50;

export async function readLetters(
  filter: LetterFilter,
  cursor: string | null,
  signal: AbortSignal,
): Promise<DeadLetterPage> {
  const entries = Object.entries(filter).map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams([
    ...entries,
    ['limit', String(PAGE)],
    ...(cursor === null ? [] : [['cursor', cursor]]),
  ]);
  return (await call<DeadLetterPage>(`/v1/dead-letters?${query.toString()}`, { signal })).body;
}

export async function readLetter(id: string, signal: AbortSignal): Promise<DeadLetterDetail> {
  return (await call<DeadLetterDetail>(`/v1/dead-letters/${encodeURIComponent(id)}`, { signal })).body;
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
