import { cpus, release, totalmem } from 'node:os';
import pg from 'pg';
import type { Servers } from './scenario.js';
import { mapsOf } from './usage/processes.js';
import { findServers } from './usage/usage.js';

/** What the figures were measured on. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly kafka: string;
  readonly consul: string;
  readonly postgres: string;
};

export async function describeMachine(servers: Servers): Promise<Machine> {
  const [consul, postgres] = await Promise.all([consulVersion(servers), postgresVersion(servers)]);
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    kernel: release(),
    node: process.version,
    kafka: kafkaVersion(findServers(servers).kafka),
    consul,
    postgres,
  };
}

/** A broker does not tell its version, but its process has it in the names of its libraries. */
function kafkaVersion(pid: number): string {
  return /kafka-clients-(\d[\w.]*)\.jar/.exec(mapsOf(pid))?.[1] ?? 'unknown';
}

async function consulVersion({ consulUrl }: Servers): Promise<string> {
  const response = await fetch(new URL('/v1/agent/self', consulUrl));
  const body = (await response.json()) as { readonly Config?: { readonly Version?: string } };
  return body.Config?.Version ?? 'unknown';
}

async function postgresVersion({ databaseUrl }: Servers): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}
