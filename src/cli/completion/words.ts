import type { Command } from 'commander';

/** An option that is followed by a word, and what that word may be: nothing known where it is free. */
export type Valued = { readonly flags: readonly string[]; readonly choices: readonly string[] };

/** What may be typed behind one command. */
export type Place = {
  /** The commands that lead there, joined by blanks: `nodes list`; empty at the beginning. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly string[];
  readonly valued: readonly Valued[];
  /** Whether it takes words of its own, such as ids and files. */
  readonly takesArguments: boolean;
};

/** Everything that completion knows, made from the program itself: what is added there is completed. */
export function placesOf(program: Command): readonly Place[] {
  return [program, ...everyCommandBelow(program)].map((command) => {
    const options = [...new Set([program, command])].flatMap(({ options: own }) => own);
    const flagsOf = ({ short, long }: (typeof options)[number]): string[] =>
      [short, long].filter((flag) => flag !== undefined);
    return {
      path: pathOf(command),
      commands: command.commands.map((below) => ({
        name: below.name(),
        summary: (below.summary() || below.description()).split('\n')[0] ?? '',
      })),
      flags: [...options.flatMap(flagsOf), '--help'].filter((flag) => flag.startsWith('--')),
      valued: options
        .filter(({ required, optional }) => required || optional)
        .map((option) => ({ flags: flagsOf(option), choices: option.argChoices ?? [] })),
      takesArguments: command.registeredArguments.length > 0,
    };
  });
}

function everyCommandBelow(command: Command): readonly Command[] {
  return command.commands.flatMap((below) => [below, ...everyCommandBelow(below)]);
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null ? '' : `${pathOf(parent)} ${command.name()}`.trim();
}
