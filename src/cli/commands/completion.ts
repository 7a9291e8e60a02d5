import { Argument, type Command } from 'commander';
import { examples, type Begin, type Run } from '../command.js';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { placesOf, type Place } from '../completion/words.js';
import { zshCompletion } from '../completion/zsh.js';
import { EXIT } from '../exit.js';

const SHELLS: Readonly<Record<string, (places: readonly Place[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `rollcall completion`: what the shell needs to complete its words. */
export function completionCommand(parent: Command, begin: Begin): void {
  const print: Run<object> = async ({ terminal }, _options, [shell = '']) => {
    // When it runs, all commands are there.
    await terminal.out.write(SHELLS[shell]?.(placesOf(parent)) ?? '');
    return EXIT.ok;
  };
  const command = parent
    .command('completion')
    .description('print what completes the words of rollcall in a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(SHELLS)));
  examples(command.action(begin(print)), [
    [`eval "$(rollcall completion bash)"`, 'in ~/.bashrc'],
    [`eval "$(rollcall completion zsh)"`, 'in ~/.zshrc'],
    ['rollcall completion fish | source', 'in ~/.config/fish/config.fish'],
  ]);
}
