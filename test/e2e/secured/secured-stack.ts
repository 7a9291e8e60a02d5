import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import type { Environment } from '../rollcall.js';

const ROOT = new URL('../../..', import.meta.url).pathname;
const run = promisify(execFile);

/** The servers of `stack --secured`, a data folder and ports of their own, for one test file. */
export class SecuredStack {
  private constructor(
    private readonly settings: Environment,
    private readonly told: Environment,
  ) {}

  /** Empty: users and certificates are there, and no topic, table or privilege. */
  static async up(): Promise<SecuredStack> {
    const first = await freePorts(7);
    const settings = {
      ...(process.env as Environment),
      ROLLCALL_STACK_DATA: `${process.env['ROLLCALL_STACK_DATA'] ?? '/tmp/rollcall-stack'}-test`,
      ROLLCALL_STACK_SECURED_KAFKA_PORT: String(first),
      ROLLCALL_STACK_SECURED_CONSUL_PORT: String(first + 3),
      ROLLCALL_STACK_SECURED_POSTGRES_PORT: String(first + 6),
    };
    await stack(settings, 'wipe');
    await stack(settings, 'up');
    const script = 'eval "$(bash stack/stack env --secured)" && env -0';
    const { stdout } = await run('bash', ['-c', script], { cwd: ROOT, env: { ...settings, ...NOTHING } });
    const all = stdout.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    const ours = all.filter(
      ([name = '', value]) => value !== '' && /^(KAFKA|CONSUL|DATABASE|ROLLCALL_STACK_SECURED)_/.test(name),
    );
    return new SecuredStack(settings, Object.fromEntries(ours) as Environment);
  }

  /** What a registry has in its environment. */
  get environment(): Environment {
    return Object.fromEntries(Object.entries(this.told).filter(([name]) => !name.startsWith('ROLLCALL_STACK_')));
  }

  /** An administrator’s, by the end of its name. */
  secret(name: string): string {
    const value = this.told[`ROLLCALL_STACK_SECURED_${name}`] ?? this.told[name];
    if (value === undefined) throw new Error(`the secured stack tells no ${name}`);
    return value;
  }

  async textOf(name: string): Promise<string> {
    return (await readFile(this.secret(name), 'utf8')).trim();
  }

  wipe(): Promise<void> {
    return stack(this.settings, 'wipe');
  }
}

/** The other stack's servers are not to be taken for these. */
const NOTHING = { KAFKA_BROKERS: '', CONSUL_HTTP_ADDR: '', DATABASE_URL: '' };

async function stack(settings: Environment, verb: string): Promise<void> {
  await run('bash', ['stack/stack', verb, '--secured'], { cwd: ROOT, env: settings });
}

/** First of so many consecutive free ports, below the range from which the system takes its own. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 12_000 + Math.floor(Math.random() * 18_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
