import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from '../support/stack.js';
import type { Environment } from './rollcall.js';

export const ROOT = new URL('../..', import.meta.url).pathname;

/** A program of a node's author, in a process of its own, run from the top of the project. */
export class Example {
  private readonly lines: string[] = [];
  private errors = '';
  /** It has ended, and all that it said has been heard. */
  private readonly closed: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    if (child.stdout === null || child.stderr === null) throw new Error('the process has no output');
    createInterface(child.stdout).on('line', (line) => this.lines.push(line));
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.closed = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** A file of `examples`. */
  static run(file: string, environment: Environment): Example {
    return Example.node([`examples/${file}`], environment);
  }

  /** What could be such a file. */
  static evaluate(text: string, environment: Environment = {}): Example {
    return Example.node(['--input-type=module', '--eval', text], environment);
  }

  private static node(args: readonly string[], environment: Environment): Example {
    const env = { PATH: process.env['PATH'], ...environment };
    return new Example(spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** Resolves once a line has this in it. */
  async says(text: string, times = 1): Promise<void> {
    await until(
      () => {
        if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.tail()}`);
        return this.said(text) >= times;
      },
      { what: `"${text}" (${this.tail()})` },
    );
  }

  said(text: string): number {
    return this.lines.filter((line) => line.includes(text)).length;
  }

  /** How it ends by a signal: by its exit code, or by the very signal. */
  async stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await this.closed;
    return child.exitCode ?? child.signalCode;
  }

  tail(): string {
    return `${this.lines.slice(-10).join('\n')}\n${this.errors}`;
  }
}
