import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sampler } from '../profile/sampler.js';
import type { Place, Servers } from '../scenario.js';

/** As `npm start` and the image have it. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

/** Lets it be sampled. */
const PRELOAD = new URL('../profile/preload.js', import.meta.url).href;

export type RegistryProcess = {
  readonly pid: number;
  readonly baseUrl: string;
  /** Of one that was started to be sampled. */
  readonly sampler: Sampler | undefined;
  stop(): Promise<void>;
};

type Options = {
  /** Of the program: dist/main.js. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Its working directory. */
  readonly folder: string;
  readonly sampled: boolean;
  readonly signal: AbortSignal;
};

const READY_WITHIN_MS = 120_000;
const ASK_EVERY_MS = 100;
/** Beyond what the registry itself allows for its stop. */
const STOP_WITHIN_MS = 15_000;

/** What a registry in a place is started with. Logs cost little at this level, so that they are not what is measured. */
export function environmentOf(servers: Servers, place: Place, port: number): Readonly<Record<string, string>> {
  return {
    KAFKA_BROKERS: servers.brokers.join(','),
    CONSUL_HTTP_ADDR: servers.consulUrl,
    DATABASE_URL: place.databaseUrl,
    REGISTRY_DATABASE_URL: place.databaseUrl,
    TOPIC_PREFIX: place.topicPrefix,
    KAFKA_GROUP_PREFIX: place.groupPrefix,
    REGISTRY_ID: place.registryId,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
  };
}

/** Starts a registry as `node dist/main.js` does; resolves when it is ready. */
export async function startRegistryProcess(options: Options): Promise<RegistryProcess> {
  const { entry, env, logFile, folder, sampled, signal } = options;
  signal.throwIfAborted();
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...NODE_FLAGS, ...(sampled ? ['--import', PRELOAD] : []), entry], {
    cwd: folder,
    env: { ...env },
    stdio: ['ignore', log, log, ...(sampled ? (['ipc'] as const) : [])],
    detached: true,
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const baseUrl = `http://127.0.0.1:${env['PORT']}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(late);
  };
  try {
    const end = Date.now() + READY_WITHIN_MS;
    while (!(await isReady(baseUrl))) {
      if (child.exitCode !== null || Date.now() > end) {
        throw new Error(
          `the registry did not become ready (exit code ${String(child.exitCode)}): its log is ${logFile}`,
        );
      }
      await sleep(ASK_EVERY_MS, undefined, { signal });
    }
    const sampler = sampled ? new Sampler(child, `${logFile}.cpuprofile`) : undefined;
    return { pid: child.pid ?? 0, baseUrl, sampler, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isReady(baseUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/health/ready`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // it does not listen yet
  }
}
