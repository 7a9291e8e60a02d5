import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place, Servers } from '../scenario.js';

/** As `npm start` and the image have it. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

export type RegistryProcess = { readonly pid: number; readonly baseUrl: string; stop(): Promise<void> };

type Options = {
  /** Of the program: dist/main.js. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Its working directory. */
  readonly folder: string;
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
export async function startRegistryProcess({ entry, env, logFile, folder, signal }: Options): Promise<RegistryProcess> {
  signal.throwIfAborted();
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...NODE_FLAGS, entry], {
    cwd: folder,
    env: { ...env },
    stdio: ['ignore', log, log],
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
    return { pid: child.pid ?? 0, baseUrl, stop };
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
