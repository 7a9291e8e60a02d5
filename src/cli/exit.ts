/** What the exit status of `rollcall` says. A closed set, for scripts to rely on; docs/cli.md has it, too. */
export const EXIT = {
  /** Done, and nothing was found wrong. */
  ok: 0,
  /** The registry says no, or what was looked at is not as it should be. */
  refused: 1,
  /** The command line is wrong, or a file that it names cannot be read. */
  usage: 2,
  /** No registry is to be had now: nobody answers, or it says so itself (429, 502, 503, 504). Worth another try. */
  unavailable: 3,
  /** The registry wants a token, or another one. */
  unauthorised: 4,
  /** What was asked for is still under way, and the time to wait is over; or it was interrupted. */
  unfinished: 5,
  /** A mistake in the command itself. */
  broken: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command: a message for a person, and an exit code. With `--json` the `document` is what is printed of it. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure';

  constructor(
    readonly code: ExitCode,
    message: string,
    readonly document: Readonly<Record<string, unknown>> = { error: message },
  ) {
    super(message);
  }
}

export function wrongUsage(message: string): CommandFailure {
  return new CommandFailure(EXIT.usage, message);
}
