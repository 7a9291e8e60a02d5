const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** How long ago that was, in the largest unit of which there are at least two: `95s`, `3m`, `47h`. */
export function ageOf(time: string | null, now: number): string {
  if (time === null) return '-';
  // The registry's clock may be ahead of ours.
  const ms = Math.max(0, now - Date.parse(time));
  for (const [unit, unitMs] of UNITS) if (ms >= 2 * unitMs) return `${Math.floor(ms / unitMs)}${unit}`;
  return `${Math.floor(ms / 1000)}s`;
}
