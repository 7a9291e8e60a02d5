import { runCli } from '../../src/cli/program.js';
import type { Sink, Terminal } from '../../src/cli/terminal.js';

export const VERSION = '9.8.7';
/** When commands of tests run. */
export const NOW = Date.parse('2026-11-21T12:00:00.000Z');

export type Given = {
  readonly env?: Readonly<Record<string, string>>;
  /** Columns of the terminal; a pipe if absent. */
  readonly columns?: number;
  readonly stdin?: string;
  readonly interrupt?: AbortSignal;
  /** Hears of what is printed as it is printed. */
  readonly hear?: (text: string) => void;
};

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command line in this process, at a terminal, or a pipe, that keeps what is printed. */
export async function run(args: readonly string[], given: Given = {}): Promise<Ran> {
  const { env = {}, columns, stdin = '', interrupt, hear } = given;
  const texts = { out: '', err: '' };
  const sink = (name: 'out' | 'err'): Sink => ({
    write: async (text) => {
      texts[name] += text;
      hear?.(text);
    },
    isTTY: columns !== undefined,
    columns,
  });
  const terminal: Terminal = {
    env,
    out: sink('out'),
    err: sink('err'),
    now: () => NOW,
    readStdin: async () => stdin,
    catchInterrupt: () => interrupt ?? new AbortController().signal,
  };
  const code = await runCli(args, terminal, VERSION);
  return { code, ...texts };
}

/** What a list prints with `--json`. */
export function jsonLines(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
