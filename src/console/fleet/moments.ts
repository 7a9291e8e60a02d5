/** Places of the time slider: so many from the beginning of its span to the present. */
export const STEPS = 600;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const SPANS = {
  minutes: { label: 'Last 10 minutes', ms: 10 * MINUTE },
  hour: { label: 'Last hour', ms: HOUR },
  day: { label: 'Last 24 hours', ms: DAY },
  week: { label: 'Last 7 days', ms: 7 * DAY },
  month: { label: 'Last 30 days', ms: 30 * DAY },
} as const;
export type Span = keyof typeof SPANS;

type Scale = { readonly span: Span; readonly now: number };

/** The moment of a place; null for the last one, which is now. RFC 3339, UTC. */
export function momentAt(place: number, { span, now }: Scale): string | null {
  if (place >= STEPS) return null;
  const { ms } = SPANS[span];
  return new Date(Math.round(now - ms + (Math.max(0, place) / STEPS) * ms)).toISOString();
}

/** The place of a moment; one before the span is at its beginning. */
export function placeOf(moment: number, { span, now }: Scale): number {
  const { ms } = SPANS[span];
  const place = Math.round(((moment - now + ms) / ms) * STEPS);
  // Only the present itself is the last place.
  return Math.max(0, Math.min(STEPS - 1, place));
}
