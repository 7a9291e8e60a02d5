import { readFileSync } from 'node:fs';

/** Text of a page, by its path from the top of the project. */
export function page(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
