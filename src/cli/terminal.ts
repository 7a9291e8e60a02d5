import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** One end of the command's output. */
export type Sink = {
  /** Resolves when there is room for more: a reader that is slow is waited for. */
  write(text: string): Promise<void>;
  readonly isTTY: boolean;
  /** Undefined where it is no terminal: nothing is cut then. */
  readonly columns: number | undefined;
};

/** All that a command has of the world but the registry: tests give it another one. */
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Sink;
  readonly err: Sink;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly readStdin: () => Promise<string>;
  /** Aborted by the first Ctrl-C of a command that can end by itself; see {@link Terminal.catchInterrupt}. */
  readonly catchInterrupt: () => AbortSignal;
};

export function processTerminal(env: Terminal['env']): Terminal {
  return {
    env,
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    now: () => Date.now(),
    readStdin: () => text(process.stdin),
    catchInterrupt: () => {
      const interrupt = new AbortController();
      // Once: who presses it again wants it to be over, whatever is in hand.
      process.once('SIGINT', () => interrupt.abort());
      process.once('SIGTERM', () => interrupt.abort());
      return interrupt.signal;
    },
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  // `rollcall nodes list | head` has read enough: nothing is wrong with that, and nobody wants to hear of it.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    write: async (chunk) => {
      if (!stream.write(chunk)) await once(stream, 'drain');
    },
    isTTY: stream.isTTY,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}
