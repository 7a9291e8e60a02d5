import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { killGroup, ROOT } from './shell.js';

/**
 * Installed is what the test itself runs with, and a checkout must not be installed anew below it. Whatever else a page asks npm for is
 * refused, so that it is not passed over either.
 */
const NPM = `npm() {
  case "$*" in
    ci) return 0 ;;
    start | 'run --silent rollcall'*) command npm "$@" ;;
    *) echo "refused: npm $*"; return 1 ;;
  esac
}`;

/** A shell in the top folder of the project, as somebody has one open: what is entered runs, and what was started goes on beside it. */
export class Terminal {
  private printed = '';
  private complaints = '';
  private shownUntil = 0;

  private constructor(private readonly bash: ChildProcess) {
    bash.stdout?.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    bash.stderr?.setEncoding('utf8').on('data', (text: string) => (this.complaints += text));
  }

  static open(environment: Readonly<Record<string, string>>): Terminal {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment };
    const terminal = new Terminal(spawn('bash', ['-s'], { cwd: ROOT, env, stdio: 'pipe', detached: true }));
    terminal.enter(NPM);
    return terminal;
  }

  /** Commands to be run once those before them are done. */
  enter(commands: string): void {
    this.shownUntil = this.printed.length;
    this.bash.stdin?.write(`${commands}\n`);
  }

  /** What was printed since the last commands were entered, by them or by what still runs. */
  get shown(): string {
    return this.printed.slice(this.shownUntil);
  }

  /** For what is told when a test fails. */
  tail(): string {
    return `${this.printed.slice(-2000)}\n${this.complaints.slice(-2000)}`;
  }

  /** Ends it with all that it has started. */
  async close(): Promise<void> {
    const isOver = this.bash.exitCode !== null || this.bash.signalCode !== null;
    const exited = isOver ? null : once(this.bash, 'exit');
    killGroup(this.bash.pid);
    await exited;
  }
}
