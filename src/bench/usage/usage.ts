import type { CpuSeconds, Party, Servers, Usage } from '../scenario.js';
import { childrenOf, listenerOn, proportionalMiB, statOf } from './processes.js';

export const PARTIES: readonly Party[] = ['registry', 'kafka', 'consul', 'postgres', 'driver'];

/** The servers' processes on this machine. */
export type ServerPids = { readonly kafka: number; readonly consul: number; readonly postmaster: number };

/** By the ports of their addresses. */
export function findServers({ brokers, consulUrl, databaseUrl }: Servers): ServerPids {
  return {
    kafka: listenerOn(Number((brokers[0] ?? '').split(':').at(-1))),
    consul: listenerOn(portOf(consulUrl, 8500)),
    postmaster: listenerOn(portOf(databaseUrl, 5432)),
  };
}

function portOf(url: string, fallback: number): number {
  const { port } = new URL(url);
  return port === '' ? fallback : Number(port);
}

/** CPU and memory of all parties, from /proc: counters of the kernel's, which cost the measured processes nothing. */
export class ProcessUsage implements Usage {
  readonly #tracked: { readonly party: Party; readonly pid: number; readonly startedAt: string; seconds: number }[] =
    [];

  constructor(private readonly servers: ServerPids) {}

  /** Counts a process from now on; what it has used when it ends stays counted, as of the last reading. */
  track(party: Party, pid: number): void {
    const stat = statOf(pid);
    if (stat !== undefined) this.#tracked.push({ party, pid, startedAt: stat.startedAt, seconds: stat.cpuSeconds });
  }

  cpu(): CpuSeconds {
    const { user, system } = process.cpuUsage();
    const { kafka, consul, postmaster } = this.servers;
    // Every connection of PostgreSQL is a process: those that run, and what the postmaster knows of those that have ended.
    const backends = childrenOf(postmaster).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    const main = statOf(postmaster);
    return {
      registry: this.#seconds('registry'),
      kafka: (statOf(kafka)?.cpuSeconds ?? 0) + this.#seconds('kafka'),
      consul: (statOf(consul)?.cpuSeconds ?? 0) + this.#seconds('consul'),
      postgres: backends + (main === undefined ? 0 : main.cpuSeconds + main.endedChildrenCpuSeconds),
      driver: (user + system) / 1e6 + this.#seconds('driver'),
    };
  }

  residentMiB(): Readonly<Record<Party, number>> {
    const { kafka, consul, postmaster } = this.servers;
    const backends = [postmaster, ...childrenOf(postmaster).map(({ pid }) => pid)];
    return {
      registry: this.#resident('registry'),
      kafka: statOf(kafka)?.residentMiB ?? 0,
      consul: statOf(consul)?.residentMiB ?? 0,
      postgres: backends.reduce((sum, pid) => sum + (proportionalMiB(pid) ?? statOf(pid)?.residentMiB ?? 0), 0),
      driver: process.memoryUsage.rss() / 2 ** 20 + this.#resident('driver'),
    };
  }

  #seconds(party: Party): number {
    let sum = 0;
    for (const one of this.#tracked) {
      if (one.party !== party) continue;
      const stat = statOf(one.pid);
      if (stat?.startedAt === one.startedAt) one.seconds = stat.cpuSeconds;
      sum += one.seconds;
    }
    return sum;
  }

  #resident(party: Party): number {
    return this.#tracked
      .filter((one) => one.party === party)
      .map(({ pid, startedAt }) => ({ stat: statOf(pid), startedAt }))
      .reduce((sum, { stat, startedAt }) => sum + (stat?.startedAt === startedAt ? stat.residentMiB : 0), 0);
  }
}

/** What was used between two readings. */
export function cpuBetween(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return mapParties((party) => after[party] - before[party]);
}

export function mapParties(valueOf: (party: Party) => number): CpuSeconds {
  return {
    registry: valueOf('registry'),
    kafka: valueOf('kafka'),
    consul: valueOf('consul'),
    postgres: valueOf('postgres'),
    driver: valueOf('driver'),
  };
}
