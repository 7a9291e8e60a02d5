import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { errorText } from '../../src/messages/index.js';
import { emptyDatabaseIn } from '../runtime/embedded-database.js';
import { until } from '../support/stack.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const START_TIMEOUT_MS = 120_000;

export type Environment = Readonly<Record<string, string>>;
type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

/** Builds when needed: what is tested is what users run. */
export async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/run.mjs', '--stale'], { cwd: ROOT });
}

/** A Rollcall of its own process, as `node dist/main.js` starts it, in a working directory that is not the project's. */
export class Rollcall {
  readonly lines: LogLine[] = [];
  private stderr = '';
  /** It has ended, and all that it wrote has been read. */
  private readonly closed: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly environment: Environment,
    /** Its working directory, empty when it began. */
    readonly cwd: string,
  ) {
    if (child.stdout === null || child.stderr === null) throw new Error('the process has no output');
    createInterface(child.stdout).on('line', (line) => {
      try {
        this.lines.push(JSON.parse(line) as LogLine);
      } catch {
        this.lines.push({ msg: `not JSON: ${line}` });
      }
    });
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.closed = new Promise((resolve) => child.once('close', () => resolve()));
  }

  static async spawn(environment: Environment): Promise<Rollcall> {
    const cwd = await mkdtemp(join(tmpdir(), 'rollcall-e2e-'));
    const child = spawn(process.execPath, [join(ROOT, 'dist/main.js')], {
      cwd,
      env: { PATH: process.env['PATH'], PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Rollcall(child, environment, cwd);
  }

  /** Started and ready to work. */
  static async start(environment: Environment): Promise<Rollcall> {
    const rollcall = await Rollcall.spawn(environment);
    try {
      await until(() => rollcall.isReady(), { timeoutMs: START_TIMEOUT_MS, what: 'the registry to be ready' });
    } catch (error) {
      const tail = rollcall.tail();
      await rollcall.kill();
      throw new Error(`${errorText(error)}\n${tail}`, { cause: error });
    }
    return rollcall;
  }

  /** Without servers, and with a database in its data folder that need not be made first. */
  static async startEmbedded(environment: Environment = {}): Promise<Rollcall> {
    const dataDir = join(await mkdtemp(join(tmpdir(), 'rollcall-e2e-')), 'data');
    await emptyDatabaseIn(dataDir);
    return Rollcall.start({ DATA_DIR: dataDir, ...environment });
  }

  /** Another process with the same environment. */
  again(): Promise<Rollcall> {
    return Rollcall.start(this.environment);
  }

  get url(): string {
    const line = this.lines.find(({ msg }) => msg?.startsWith('Rollcall listens on ') === true);
    if (line?.msg === undefined) throw new Error(`not listening yet: ${this.tail()}`);
    return line.msg.slice('Rollcall listens on '.length);
  }

  async get(path: string): Promise<{ status: number; body: unknown }> {
    if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.tail()}`);
    const response = await fetch(`${this.url}${path}`);
    return { status: response.status, body: await response.json() };
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** SIGSTOP: it hangs, with everything it holds, until {@link thaw}. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** A clean stop; resolves with the exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Exit code and standard error of a process that ends by itself. */
  async exited(): Promise<{ code: number | null; stderr: string }> {
    await this.closed;
    return { code: this.child.exitCode, stderr: this.stderr };
  }

  tail(): string {
    return `${this.lines
      .slice(-5)
      .map((line) => JSON.stringify(line))
      .join('\n')}\n${this.stderr}`;
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`it ended: ${this.tail()}`);
    return (await fetch(`${this.url}/health/ready`)).status === 200;
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isRunning) this.child.kill(signal);
    await this.closed;
    return this.child.exitCode;
  }
}

/** `npm run fleet -- …` against the same Kafka; resolves with its report, whatever its exit code. */
export async function fleet(environment: Environment, ...args: string[]): Promise<{ code: number; output: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(ROOT, 'dist/fleet/main.js'), ...args],
      { env: { PATH: process.env['PATH'], ...environment }, maxBuffer: 16 * 1024 * 1024 },
    );
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, output: failed.stdout + failed.stderr };
  }
}
