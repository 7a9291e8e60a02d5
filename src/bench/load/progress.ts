/** How many records were through at a time; `at` in ms of any clock. */
export type Sample = { readonly at: number; readonly count: number };

/**
 * Records per second from the first sample that shows progress beyond the first one to the first that shows the last count: what goes before
 * (joining a group, fetching for the first time) and behind is left out. Null where two such samples are not to be had.
 */
export function rateOf(samples: readonly Sample[]): number | null {
  const start = samples[0]?.count ?? 0;
  const end = samples.at(-1)?.count ?? 0;
  const first = samples.find(({ count }) => count > start);
  const last = samples.find(({ count }) => count === end);
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  return ((last.count - first.count) * 1000) / (last.at - first.at);
}

/**
 * For every sample of `done`, the age of the oldest record that was not done then, in ms; 0 where all were. `appended` and `done` count
 * the same records by the same clock. A record counts from the last sample at which it was not there yet, so the truth is at most this.
 */
export function delays(appended: readonly Sample[], done: readonly Sample[]): readonly number[] {
  let index = 0;
  return done.map(({ at, count }) => {
    while ((appended[index]?.count ?? Infinity) <= count) index += 1;
    const cameBy = appended[index]?.at ?? Infinity;
    return cameBy > at ? 0 : at - (appended[index - 1]?.at ?? cameBy);
  });
}
