import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Replica as ReplicaName } from '../faults/fault.js';
import { signalTo } from './processes.js';

export type ReplicaOptions = {
  readonly name: ReplicaName;
  /** Of the program: dist/main.js. */
  readonly entry: string;
  /** Working directory and place of the logs. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** It ended although nobody had told it to. */
  readonly onUnexpectedExit: (how: string) => void;
};

const ASK_EVERY_MS = 100;

/** A process of Rollcall, as `node dist/main.js` starts it. All its lives log into one file. */
export class Replica {
  readonly logFile: string;
  private child: ChildProcess | undefined;
  private isWanted = false;

  constructor(private readonly options: ReplicaOptions) {
    this.logFile = `${options.folder}/${options.name}.log`;
  }

  get name(): ReplicaName {
    return this.options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.environment['PORT']}`;
  }

  start(): void {
    const { entry, folder, environment, onUnexpectedExit } = this.options;
    const [out, errors] = [this.logFile, `${folder}/${this.name}.stderr`].map((file) => openSync(file, 'a'));
    // In a session of its own: Ctrl-C is for us, who then end it in order.
    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', out, errors],
      detached: true,
    });
    for (const file of [out, errors]) if (file !== undefined) closeSync(file);
    this.child = child;
    this.isWanted = true;
    child.once('exit', (code, signal) => {
      if (this.child !== child) return;
      this.child = undefined;
      if (!this.isWanted) return;
      onUnexpectedExit(`${this.name} ended by itself with ${signal ?? `code ${code}`}`);
      this.start(); // as whoever watches over it would do
    });
  }

  /** Resolves once it answers at all, healthy or not. */
  async listens(withinMs: number, signal: AbortSignal): Promise<void> {
    await this.answers('/health/live', withinMs, signal);
  }

  /** Resolves once it says that it is ready. */
  async ready(withinMs: number, signal: AbortSignal): Promise<void> {
    await this.answers('/health/ready', withinMs, signal);
  }

  async health(): Promise<unknown> {
    const response = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(5000) });
    return response.json();
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** A clean stop; gives the exit code. */
  stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  freeze(): void {
    if (this.child?.pid !== undefined) signalTo(this.child.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (this.child?.pid !== undefined) signalTo(this.child.pid, 'SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    this.isWanted = false;
    const child = this.child;
    if (child === undefined) return null;
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exit)[0];
  }

  private async answers(path: string, withinMs: number, signal: AbortSignal): Promise<void> {
    const end = Date.now() + withinMs;
    for (;;) {
      const answer = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(2000) }).then(
        ({ status }) => (status === 200 ? undefined : `it answers ${status}`),
        (error: unknown) => String(error),
      );
      if (answer === undefined) return;
      if (Date.now() > end) {
        throw new Error(`${this.name}: no ${path} within ${withinMs / 1000} s (${answer}): see ${this.logFile}`);
      }
      await sleep(ASK_EVERY_MS, undefined, { signal });
    }
  }
}
