import { FILE_VARIABLES } from './secret-files.js';
import { variables } from './variables.js';

type Misspelt = { readonly meant: string; readonly text: string };

/** Unknown names that are all but equal to a known one. */
export function findMisspelt(names: readonly string[]): Misspelt[] {
  const known = [...Object.keys(variables.shape), ...FILE_VARIABLES.keys()];
  return names
    .filter((given) => given.length > 5 && !known.includes(given))
    .flatMap((given) => {
      const meant = known.find((variable) => variable.length > 5 && distance(given, variable) <= 2);
      return meant === undefined ? [] : [{ meant, text: `${given} is set: was ${meant} meant?` }];
    });
}

/** Levenshtein's: insertions, deletions and replacements that make one word of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, its] of [...other].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === its ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
