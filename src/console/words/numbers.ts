const WHOLE = new Intl.NumberFormat('en-US');

/** `100,000`: every digit, as numbers on the pages are to be compared. */
export function whole(count: number): string {
  return WHOLE.format(count);
}

/** `1 node`, `2 nodes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** A part of a whole as text: `< 1%` is not nothing, and `> 99%` not all. */
export function share(part: number, all: number): string {
  if (all === 0 || part === 0) return '0%';
  if (part === all) return '100%';
  const percent = (part / all) * 100;
  if (percent < 1) return '< 1%';
  return percent > 99 ? '> 99%' : `${Math.round(percent)}%`;
}
