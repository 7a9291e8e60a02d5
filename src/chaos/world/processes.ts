import { readdirSync, readFileSync } from 'node:fs';

type Stat = { readonly parent: number; readonly startedAt: string };

/**
 * Parent and start (clock ticks since boot) of a process; undefined when it is gone. The start tells it from another process
 * that was given the same id later.
 */
export function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // whoever asks about a process that has just ended gets no file
  }
  // The name before it, in brackets, may hold blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), startedAt: fields[19] ?? '' };
}

/** Ids of the processes that a process has started and that still run. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => statOf(candidate)?.parent === pid);
}

/** Sends a signal; tells whether there was still somebody to take it. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
