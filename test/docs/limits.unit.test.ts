import { describe, expect, it } from '@jest/globals';
import { page } from './pages.js';

type Limit = { readonly said: string; readonly name: string; readonly file: string };

/** Rows such as ``| what | `2000` steps | `MAX_BATCH` in `src/a.ts` | … |``. */
const ROW = /^\|[^|]*\| `([\d.]+(?: [KM]iB)?)`[^|]*\| `(\w+)` in `([^`]+)`/gm;

function limitsOf(text: string): readonly Limit[] {
  return [...text.matchAll(ROW)].map(([, said = '', name = '', file = '']) => ({ said, name, file }));
}

/** The number that a source gives a name: a product of whole numbers. Null where it gives none. */
function valueIn(source: string, name: string): number | null {
  const [, product] =
    new RegExp(`\\b${name}\\b\\s*[:=]\\s*([\\d_]+(?:\\s*\\*\\s*[\\d_]+)*)\\s*[;,}]`).exec(source) ?? [];
  if (product === undefined) return null;
  return product.split('*').reduce((value, factor) => value * Number(factor.replaceAll('_', '')), 1);
}

function bytes(said: string): number {
  const [number = '', unit] = said.split(' ');
  return Number(number) * (unit === 'MiB' ? 1024 * 1024 : unit === 'KiB' ? 1024 : 1);
}

function mistakesIn(text: string, sourceOf: (file: string) => string): readonly string[] {
  return limitsOf(text)
    .map(({ said, name, file }) => ({ said, name, file, value: valueIn(sourceOf(file), name) }))
    .filter(({ said, value }) => value !== bytes(said))
    .map(({ said, name, file, value }) => `${name} in ${file} is ${value}, not ${said}`);
}

describe('docs/limits.md', () => {
  const text = page('docs/limits.md');

  it('gives every limit the value that it has', () => {
    expect(limitsOf(text).length).toBeGreaterThan(35);
    expect(mistakesIn(text, page)).toEqual([]);
  });
});

it('a limit that has moved is found', () => {
  const text = '| steps | `2000` | `MAX_BATCH` in `src/a.ts` | |\n| bytes | `8 MiB` | `MAX_BYTES` in `src/a.ts` | |';
  const source = 'const MAX_BATCH = 3_000;\nconst MAX_BYTES = 8 * 1024 * 1024;';
  expect(mistakesIn(text, () => source)).toEqual(['MAX_BATCH in src/a.ts is 3000, not 2000']);
});
