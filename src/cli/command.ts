import { InvalidArgumentError, type Command } from 'commander';
import type { ExitCode } from './exit.js';
import type { Session } from './session.js';

/** What a command does: its options as commander has parsed them, those of every command among them. */
export type Run<Options> = (session: Session, options: Options, args: readonly string[]) => Promise<ExitCode>;

/** Makes commander's action of a command: opens the session before, and keeps the exit code. */
export type Begin = <Options>(run: Run<Options>) => (...args: unknown[]) => Promise<void>;

/** Hangs a command into its parent. */
export type AddCommand = (parent: Command, begin: Begin) => void;

/** For options that are whole numbers. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It has to be a whole number from ${min} to ${max}.`);
  };
}

/** For options that may be given several times. */
export function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** For options such as `90s`, `5m`, `1h`; milliseconds. */
export function duration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit] ?? NaN);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('It has to be a number with ms, s, m or h behind it, such as 90s or 5m.');
}

/** A text of the source as paragraphs, which help breaks where the terminal ends; lines that are indented stay lines. */
export function paragraphs(text: string): string {
  return text.replace(/([^\n])\n(?=[^\n ])/g, '$1 ');
}

/** Examples at the end of a command's help: what it does, and how it is written. */
export function examples(command: Command, lines: readonly (readonly [command: string, what: string])[]): Command {
  const width = Math.max(...lines.map(([text]) => text.length));
  const text = lines.map(([line, what]) => `  $ ${line.padEnd(width)}  # ${what}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}
