import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseProcStat, type ProcStat } from './proc-stat.js';

/** Undefined when the process is gone. */
export function statOf(pid: number): ProcStat | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcStat(text);
}

/** The threads of a process that there are now; `pid` is the thread's own number, for the first one that of the process. */
export function threadsOf(pid: number): readonly ProcStat[] {
  const folder = `/proc/${pid}/task`;
  return (unlessGone(() => readdirSync(folder)) ?? [])
    .map((thread) => readIfThere(`${folder}/${thread}/stat`))
    .filter((text) => text !== undefined)
    .map(parseProcStat);
}

export function childrenOf(pid: number): readonly ProcStat[] {
  return processIds()
    .map(statOf)
    .filter((stat) => stat?.parent === pid)
    .filter((stat) => stat !== undefined);
}

/** Its share of the memory that it has resident, where processes share pages as PostgreSQL's do; MiB. */
export function proportionalMiB(pid: number): number | undefined {
  const kib = /^Pss:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}

/** The files that a process has mapped, as text; empty where we may not look. */
export function mapsOf(pid: number): string {
  return readIfThere(`/proc/${pid}/maps`) ?? '';
}

/**
 * The process that listens on a TCP port of this machine. Throws when there is none, or none that we may look into: CPU can be told only
 * of servers that run beside the bench, under the same user or with it as root.
 */
export function listenerOn(port: number): number {
  const inodes = ['tcp', 'tcp6'].flatMap((table) => listeningInodes(readIfThere(`/proc/net/${table}`) ?? '', port));
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pid = processIds().find((candidate) => hasOneOf(candidate, sockets));
  if (pid === undefined) {
    throw new Error(
      `cannot find the process that listens on port ${port}: the servers have to run on this machine, as processes that this user may ` +
        'look into ("npm run stack -- up" starts such ones)',
    );
  }
  return pid;
}

/** Inodes of the sockets that listen on a port, in the text of /proc/net/tcp. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && (fields[1] ?? '').endsWith(suffix))
    .map((fields) => fields[9] ?? '');
}

function hasOneOf(pid: number, sockets: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  const names = unlessGone(() => readdirSync(folder)) ?? [];
  return names.some((name) => sockets.has(unlessGone(() => readlinkSync(`${folder}/${name}`)) ?? ''));
}

function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readIfThere(file: string): string | undefined {
  return unlessGone(() => readFileSync(file, 'utf8'));
}

/** Processes end while one looks at them, and some are not ours to look into. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (GONE.includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}

const GONE = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'];
