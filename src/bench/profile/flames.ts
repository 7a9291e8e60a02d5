import type { Call } from './call-tree.js';

/** A call as a frame of the flame graph. */
export type Flame = {
  readonly call: Call;
  /** 0: the root. */
  readonly depth: number;
  /** Where it begins, and how wide it is, of the width of all. */
  readonly start: number;
  readonly share: number;
  readonly percent: number;
};

/** Shares below this would be narrower than anybody can see, and are left out. */
const SHOWN_FROM = 0.001;

/** Each call beside the one before, above its caller, from the left; a caller's own time is at the right. */
export function flamesOf(root: Call): readonly Flame[] {
  const flames: Flame[] = [];
  const place = (call: Call, depth: number, start: number): void => {
    const share = root.totalMs === 0 ? 0 : call.totalMs / root.totalMs;
    if (depth > 0 && share < SHOWN_FROM) return;
    flames.push({ call, depth, start, share, percent: share * 100 });
    let at = start;
    for (const inner of call.calls) {
      place(inner, depth + 1, at);
      at += inner.totalMs / root.totalMs;
    }
  };
  place(root, 0, 0);
  return flames;
}
