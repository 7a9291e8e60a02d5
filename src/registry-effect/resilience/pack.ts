/** What one request may hold. */
export type Limits = { readonly maxCount: number; readonly maxBytes: number };
export type Size = { readonly count: number; readonly bytes: number };

/** Only the newest bins are looked at: it keeps the search short, and older ones are as good as full. */
const OPEN_BINS = 8;

/** Puts items into as few bins as first fit finds; one that is larger than a bin gets its own. */
export function pack<T>(items: readonly T[], sizeOf: (item: T) => Size, limits: Limits): readonly (readonly T[])[] {
  const bins: { readonly items: T[]; count: number; bytes: number }[] = [];
  for (const item of items) {
    const { count, bytes } = sizeOf(item);
    let bin = bins
      .slice(-OPEN_BINS)
      .find((open) => open.count + count <= limits.maxCount && open.bytes + bytes <= limits.maxBytes);
    if (bin === undefined) bins.push((bin = { items: [], count: 0, bytes: 0 }));
    bin.items.push(item);
    bin.count += count;
    bin.bytes += bytes;
  }
  return bins.map((bin) => bin.items);
}
