/** What V8's sampling profiler gives (`Profiler.Profile` of the DevTools protocol), as far as it is read here. */
export type CpuProfile = {
  /** The calls, each with those that it made by id; the first one is `(root)`. */
  readonly nodes: readonly ProfileNode[];
  /** Ids of the innermost calls that were found, one after the other. */
  readonly samples: readonly number[];
  /** Microseconds from the sample before; of the first one, from the start. */
  readonly timeDeltas: readonly number[];
};

export type ProfileNode = {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
};

export type CallFrame = {
  readonly functionName: string;
  /** `file:///…`, `node:net`; empty for functions of V8 and Node.js that are not written in JavaScript. */
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
};

/** Microseconds for which each node was the innermost call: a sample lasts until the next one. Throws when the profile has no such node. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<number, number> {
  const times = new Map(nodes.map(({ id }) => [id, 0]));
  samples.forEach((id, index) => {
    const before = times.get(id);
    if (before === undefined)
      throw new Error(`not a CPU profile: sample ${index} is of node ${id}, which is not there`);
    // The clock of the samples is read on another thread, and may step back a little.
    times.set(id, before + Math.max(0, timeDeltas[index + 1] ?? 0));
  });
  return times;
}
