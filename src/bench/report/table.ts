import { spreadOf } from '../rounds.js';
import type { Figure, Result } from '../scenario.js';
import { PARTIES } from '../usage/usage.js';

/** A number with about three significant digits, and thousands apart. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A number on an axis: as short as it can be. */
export function tickText(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 6 });
}

/** The same columns for people at a terminal and in Markdown. */
export const COLUMNS = ['figure', 'unit', 'median', 'min - max', 'ratio', 'wanted', 'CPU seconds for 1,000'] as const;

/** CPU below this is no more than what the servers do anyway. Seconds for 1,000 operations. */
const SHOWN_FROM = 0.0005;

export function cellsOf(figure: Figure): readonly string[] {
  const { name, unit, values, ratio, wanted, cpuPerThousand } = figure;
  const { median, min, max } = values.length === 0 ? { median: NaN, min: NaN, max: NaN } : spreadOf(values);
  const parties = PARTIES.filter((party) => (cpuPerThousand?.[party] ?? 0) >= SHOWN_FROM);
  return [
    name,
    unit,
    numberText(median),
    `${numberText(min)} - ${numberText(max)}`,
    ratio === undefined ? '' : `${ratio.value.toFixed(2)} x ${ratio.of}`,
    wanted ?? '',
    parties.map((party) => `${party} ${(cpuPerThousand?.[party] ?? 0).toFixed(3)}`).join(', '),
  ];
}

/** For a terminal. */
export function tableOf({ title, method, figures }: Result): string {
  const rows = [COLUMNS, ...figures.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const used = widths.map((_, column) => rows.slice(1).some((row) => row[column] !== ''));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (used[column] === true ? `${cell.padEnd(widths[column] ?? 0)}  ` : ''))
      .join('')
      .trimEnd(),
  );
  return [title, `(${method})`, ...lines.map((line) => `  ${line}`)].join('\n');
}
