import { describe, expect, it } from '@jest/globals';
import { ageOf } from '../../src/cli/output/ages.js';
import { wantsColours } from '../../src/cli/output/colours.js';
import { fields, Table, type Column } from '../../src/cli/output/table.js';
import { cutTo, harmless, textWidth } from '../../src/cli/output/text-width.js';
import { NOW } from './fake-terminal.js';

type Row = { readonly name: string; readonly count: number | null };
const COLUMNS: readonly Column<Row>[] = [
  { head: 'name', cell: ({ name }) => name, colour: ({ count }) => (count === 0 ? 'red' : undefined) },
  { head: 'count', cell: ({ count }) => count },
  { head: 'again', cell: ({ name }) => name },
];

function table(columns?: number, colours = false): Table<Row> {
  return new Table(COLUMNS, { colours, columns });
}

describe('a table', () => {
  it('is aligned, and has a dash for nothing', () => {
    expect(
      table().lines([
        { name: 'billing-7', count: 12 },
        { name: 'b', count: null },
      ]),
    ).toEqual(['NAME       COUNT  AGAIN', 'billing-7  12     billing-7', 'b          -      b']);
  });

  it('keeps its columns from page to page, and has one heading', () => {
    const pages = table();
    expect(pages.lines([{ name: 'billing-7', count: 1 }])).toHaveLength(2);
    expect(pages.lines([{ name: 'b', count: 1 }])).toEqual(['b          1      b']);
  });

  it.each([30, 40, 60, 79])('fits into a terminal of %d columns', (columns) => {
    const lines = table(columns).lines([
      { name: 'n'.repeat(70), count: 1 },
      { name: '登録簿'.repeat(9), count: 100_000 },
    ]);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines[1]).toContain('…');
  });

  it('cuts nothing where it is no terminal', () => {
    expect(table().lines([{ name: 'n'.repeat(500), count: 1 }])[1]).not.toContain('…');
  });

  it('is aligned with wide characters, and with colours', () => {
    const [, wide, narrow] = table().lines([
      { name: '登録', count: 1 },
      { name: 'abcd', count: 1 },
    ]);
    expect(wide).toBe('登録  1      登録');
    expect(narrow).toBe('abcd  1      abcd');
    const [, red] = table(80, true).lines([{ name: 'a', count: 0 }]);
    expect(red).toBe('\u001b[31ma\u001b[0m     0      a');
  });

  it('lets nobody move the cursor', () => {
    const [, line] = table().lines([{ name: 'a\u001b[2J\nb', count: 1 }]);
    expect(line).toBe('a?[2J?b  1      a?[2J?b');
  });
});

it('texts are cut by what they take of the terminal', () => {
  expect([cutTo('abcdef', 6), cutTo('abcdef', 5), cutTo('登録簿', 5), cutTo('登録簿', 4)]).toEqual([
    'abcdef',
    'abcd…',
    '登録…',
    '登…',
  ]);
  expect(textWidth('e\u0301')).toBe(1);
  expect(harmless('a\tb\u202ec')).toBe('a?b?c');
});

it('fields stand below each other', () => {
  expect(
    fields([
      ['a', '1'],
      ['long name', ''],
      ['', 'x'],
    ]),
  ).toEqual(['a          1', 'long name', '           x']);
});

it.each([
  ['2026-11-21T12:00:05.000Z', '0s'],
  ['2026-11-21T11:59:59.500Z', '0s'],
  ['2026-11-21T11:58:25.000Z', '95s'],
  ['2026-11-21T11:57:00.000Z', '3m'],
  ['2026-11-19T13:00:00.000Z', '47h'],
  ['2026-11-01T12:00:00.000Z', '20d'],
  [null, '-'],
])('%s is %s ago', (time, age) => {
  expect(ageOf(time, NOW)).toBe(age);
});

it.each([
  [{ isTTY: true, asked: true, env: {} }, true],
  [{ isTTY: false, asked: true, env: {} }, false],
  [{ isTTY: true, asked: false, env: {} }, false],
  [{ isTTY: true, asked: true, env: { NO_COLOR: '1' } }, false],
  [{ isTTY: true, asked: true, env: { NO_COLOR: '' } }, true],
  [{ isTTY: true, asked: true, env: { TERM: 'dumb' } }, false],
])('%j wants colours: %s', (wish, wants) => {
  expect(wantsColours(wish)).toBe(wants);
});
