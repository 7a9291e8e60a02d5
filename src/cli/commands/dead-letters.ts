import { Option, type Command } from 'commander';
import { examples, wholeNumber, type Begin } from '../command.js';
import { DEAD_LETTER_CAUSES } from '../registry/words.js';
import { getLetter, releaseLetter } from './dead-letters-get.js';
import { listLetters } from './dead-letters-list.js';
import { redriveLetters } from './dead-letters-redrive.js';

/** `rollcall dead-letters …`: messages that could not be handled. */
export function deadLettersCommand(parent: Command, begin: Begin): void {
  const letters = parent.command('dead-letters').description('messages that could not be handled');
  const list = filtered(letters.command('list').description('those that there are'))
    .addOption(new Option('--redriven <when>', 'only what was not sent again yet').choices(['never']))
    .addOption(
      new Option('--quarantined <yes>', 'only letters in quarantine, or only others').choices(['true', 'false']),
    )
    .option('--limit <n>', 'most that are listed (default: all of them)', wholeNumber(1, 10_000_000));
  examples(list.action(begin(listLetters)), [
    ['rollcall dead-letters list --cause malformed --redriven never', 'what nobody has looked after yet'],
  ]);
  const get = letters.command('get').description('one of them, with the original').argument('<id>', 'of the letter');
  examples(get.action(begin(getLetter)), [
    ['rollcall dead-letters get 8e4a2a62-8bd6-56d4-a8cd-85bd26c30557', 'what was sent, and what is wrong with it'],
  ]);
  const release = letters
    .command('release')
    .description('end the quarantine of the line of a letter')
    .argument('<id>', 'of the letter');
  examples(release.action(begin(releaseLetter)), [
    ['rollcall dead-letters release 8e4a2a62-8bd6-56d4-a8cd-85bd26c30557', 'it can be sent again'],
  ]);
  addRedrive(letters, begin);
}

function addRedrive(letters: Command, begin: Begin): void {
  const command = letters
    .command('redrive')
    .summary('send originals to their topics again')
    .description('send originals to their topics again: those named, or those that the filter finds, the oldest first')
    .argument('[ids...]', 'of letters');
  const redrive = filtered(command)
    .option('--all', 'whatever was not sent again yet')
    .option('--again', 'also what was sent again before')
    .option('--force', 'although they are in quarantine; only with ids')
    .option('--limit <n>', 'most that a filter sends', wholeNumber(1, 1000))
    .option('--dry-run', 'only tell what would be sent');
  examples(redrive.action(begin(redriveLetters)), [
    ['rollcall dead-letters redrive --cause rejected_by_handler --dry-run', 'what would be sent'],
    ['rollcall dead-letters redrive 8e4a2a62-8bd6-56d4-a8cd-85bd26c30557', 'sends one'],
  ]);
}

function filtered(command: Command): Command {
  return command
    .addOption(new Option('--cause <cause>', 'only letters of this cause').choices(DEAD_LETTER_CAUSES))
    .option('--topic <name>', 'only messages of the topic with this full name')
    .option('--node <id>', 'only messages whose key was this node id')
    .option('--reason <text>', 'only letters with this text in their reason')
    .option('--from <time>', 'only messages that were appended at this time or later')
    .option('--to <time>', 'only messages that were appended before this time');
}
