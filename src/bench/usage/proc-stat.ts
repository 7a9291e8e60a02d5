/** Of `/proc/PID/stat`. CPU in seconds, user and system. */
export type ProcStat = {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly cpuSeconds: number;
  /** Of its children that have ended and that it has waited for, with theirs. */
  readonly endedChildrenCpuSeconds: number;
  readonly residentMiB: number;
  /** Clock ticks since boot: tells it from another process that is given the same id later. */
  readonly startedAt: string;
};

/** USER_HZ, in which Linux tells times, whatever its own clock does. */
const TICKS_PER_SECOND = 100;
const PAGES_PER_MIB = 256;

/** Throws when the text is not that of a stat file. */
export function parseProcStat(text: string): ProcStat {
  // The name is in brackets and may hold blanks and brackets itself.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text
    .slice(close + 2)
    .trim()
    .split(' ');
  const number = (index: number): number => {
    const value = Number(fields[index]);
    if (open < 0 || close < open || fields[index] === undefined || !Number.isFinite(value)) {
      throw new Error(`not a line of /proc/PID/stat: ${text.slice(0, 200)}`);
    }
    return value;
  };
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    parent: number(1),
    cpuSeconds: (number(11) + number(12)) / TICKS_PER_SECOND,
    endedChildrenCpuSeconds: (number(13) + number(14)) / TICKS_PER_SECOND,
    startedAt: fields[19] ?? '',
    residentMiB: number(21) / PAGES_PER_MIB,
  };
}
