import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { statOf, threadsOf } from '../usage/processes.js';
import type { CpuProfile } from './cpu-profile.js';
import type { Answer, Order } from './sampling.js';

/** CPU in seconds, user and system. */
export type ThreadCpu = {
  /** Of the thread that runs JavaScript. */
  readonly main: number;
  /** Of the one that takes the samples. */
  readonly sampling: number;
  readonly all: number;
};

/** What a process did while something went on. */
export type Sampled<T> = { readonly value: T; readonly profile: CpuProfile; readonly cpu: ThreadCpu };

/** V8's name for it. */
const SAMPLING_THREAD = 'v8:ProfEvntProc';

/** A process that was started with `preload.ts` and an IPC channel. */
export class Sampler {
  constructor(
    private readonly child: ChildProcess,
    /** Where the profile goes meanwhile. */
    private readonly file: string,
  ) {}

  /** Samples what it does while `work` goes on. Rejects when `work` does, or the process ends meanwhile. */
  async sample<T>(work: () => Promise<T>): Promise<Sampled<T>> {
    await this.ask({ kind: 'start' });
    const before = this.cpu();
    const value = await work();
    const after = this.cpu();
    await this.ask({ kind: 'stop', file: this.file });
    const profile = JSON.parse(readFileSync(this.file, 'utf8')) as CpuProfile;
    rmSync(this.file);
    const between = (of: keyof ThreadCpu): number => after[of] - before[of];
    return { value, profile, cpu: { main: between('main'), sampling: between('sampling'), all: between('all') } };
  }

  private cpu(): ThreadCpu {
    const pid = this.child.pid ?? 0;
    const threads = threadsOf(pid);
    return {
      main: threads.find((thread) => thread.pid === pid)?.cpuSeconds ?? NaN,
      sampling: threads.find(({ name }) => name === SAMPLING_THREAD)?.cpuSeconds ?? 0,
      all: statOf(pid)?.cpuSeconds ?? NaN,
    };
  }

  private async ask(order: Order): Promise<void> {
    const { child } = this;
    if (!child.connected) throw new Error('the registry cannot be sampled: it has ended');
    const over = new AbortController();
    const { signal } = over;
    try {
      const ended = once(child, 'exit', { signal }).then(() => {
        throw new Error('the registry ended while it was being sampled: its log may tell why');
      });
      const answered = once(child, 'message', { signal });
      child.send(order);
      const [answer] = (await Promise.race([answered, ended])) as [Answer];
      if (answer.kind === 'failed') throw new Error(`the registry cannot be sampled: ${answer.reason}`);
    } finally {
      over.abort();
    }
  }
}
