import { readFileSync } from 'node:fs';
import { wrongUsage } from './exit.js';
import { Screen } from './output/screen.js';
import { firstCause } from './registry/failures.js';
import { Registry } from './registry/registry.js';
import type { Terminal } from './terminal.js';

/** Options of every command, as they were given. */
export type GlobalOptions = {
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  /** False with `--no-color`. */
  readonly color: boolean;
  /** Seconds. */
  readonly timeout: number;
};

/** What a command works with. */
export type Session = {
  readonly registry: Registry;
  readonly screen: Screen;
  readonly terminal: Terminal;
};

export const DEFAULT_URL = 'http://127.0.0.1:3000';

/** Throws CommandFailure where the options are of no use. */
export function openSession(options: GlobalOptions, terminal: Terminal): Session {
  const url = (options.url ?? (terminal.env['ROLLCALL_URL'] || DEFAULT_URL)).replace(/\/+$/, '');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw wrongUsage(`--url ${url}: has to be http://host:port, or https`);
  }
  return {
    registry: new Registry({ url, token: tokenOf(options, terminal), timeoutMs: options.timeout * 1000 }),
    screen: new Screen(terminal, { json: options.json ?? false, colour: options.color }),
    terminal,
  };
}

/** A file is better than a command line, which every user of the machine can read. */
function tokenOf({ token, tokenFile }: GlobalOptions, { env }: Terminal): string | null {
  if (token !== undefined && tokenFile !== undefined) {
    throw wrongUsage('--token and --token-file say the same twice: leave one out');
  }
  const file = tokenFile ?? (token === undefined && !env['ROLLCALL_TOKEN'] ? env['ROLLCALL_TOKEN_FILE'] : undefined);
  const given = (file ? contentOf(file) : (token ?? env['ROLLCALL_TOKEN'] ?? '')).trim();
  if (given === '') {
    if (file) throw wrongUsage(`the token file ${file} is empty`);
    return null;
  }
  if (!/^[\x21-\x7e]+$/.test(given)) throw wrongUsage('the token has characters that no token has: is it whole?');
  return given;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrongUsage(`the token file cannot be read: ${firstCause(error)}`);
  }
}
