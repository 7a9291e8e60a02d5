import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = new URL('../..', import.meta.url).pathname;

const NPM = `npm() {
  case "$1 $2" in
    'run fleet') (cd '${ROOT}' && command npm "$@") ;;
    *) echo "refused: npm $*" ; return 1 ;;
  esac
}`;

/** The command, as its users have it in their PATH. */
const ROLLCALL = `rollcall() { node '${ROOT}/dist/cli/main.js' "$@"; }`;

/** Listens to a stream of events until it has told all that had happened before, however long that takes. */
export const LISTEN_UP_TO_DATE = 'listen_up_to_date';
const LISTEN = `${LISTEN_UP_TO_DATE}() { sed '/^: up to date$/q' <(curl -sN --max-time 60 "$@"); }`;

/** What one block of commands printed; null where the commands before it never came to an end. */
export type Ran = { readonly output: string; readonly errors: string } | null;

/**
 * Runs blocks of commands one after the other in one bash, as somebody would who copies them out of a page: variables, functions
 * and background processes of one are there for the next. Of `npm` there is only `npm run fleet`, in the project: a page that says
 * how to install must never do it to the checkout in which its test runs.
 */
export async function runCommands(
  blocks: readonly string[],
  { env, stop }: { readonly env: Readonly<Record<string, string>>; readonly stop: AbortSignal },
): Promise<readonly Ran[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-docs-'));
  try {
    for (const [index, block] of blocks.entries()) await writeFile(join(folder, `${index}.sh`), block);
    const run = blocks.map((_, index) => `source ./${index}.sh > ${index}.out 2> ${index}.err; touch ${index}.done`);
    const script = [NPM, ROLLCALL, LISTEN, ...run, 'kill $(jobs -p) 2> /dev/null'].join('\n');
    const bash = spawn('bash', ['-c', script], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: 'ignore',
      detached: true,
    });
    const exited = once(bash, 'exit');
    const kill = (): void => killGroup(bash.pid);
    if (stop.aborted) kill();
    stop.addEventListener('abort', kill);
    await exited;
    stop.removeEventListener('abort', kill);
    kill();
    return await Promise.all(blocks.map((_, index) => printed(folder, index)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the commands left running ends with them. */
export function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left. (Not `instanceof Error`: Jest's is another one than Node's.)
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function printed(folder: string, index: number): Promise<Ran> {
  const read = (suffix: string): Promise<string> => readFile(join(folder, `${index}.${suffix}`), 'utf8');
  try {
    await read('done');
  } catch {
    return null;
  }
  return { output: await read('out'), errors: await read('err') };
}
