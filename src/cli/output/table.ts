import { coloured, type Colour } from './colours.js';
import { cutTo, harmless, textWidth } from './text-width.js';

export type Column<Row> = {
  readonly head: string;
  readonly cell: (row: Row) => string | number | null;
  readonly colour?: (row: Row) => Colour | undefined;
};

export type TableLook = {
  readonly colours: boolean;
  /** Of the terminal; undefined: as wide as it takes. */
  readonly columns: number | undefined;
};

/** No column is cut below this, so that one still sees what it is about. */
const NARROWEST = 8;
const GAP = '  ';

/**
 * Lines of an aligned table, page by page: columns keep the width that they had, and grow where a later page has longer cells.
 * At a terminal the widest columns are cut until a line fits.
 */
export class Table<Row> {
  #widths: readonly number[] = [];
  #hasHead = false;

  constructor(
    private readonly shape: readonly Column<Row>[],
    private readonly look: TableLook,
  ) {}

  /** The first time with the heading. */
  lines(rows: readonly Row[]): readonly string[] {
    const cells = rows.map((row) => this.shape.map(({ cell }) => harmless(String(cell(row) ?? '-'))));
    const heads = this.shape.map(({ head }) => head.toUpperCase());
    const needed = this.shape.map((_, index) =>
      Math.max(this.#widths[index] ?? 0, ...[heads, ...cells].map((line) => textWidth(line[index] ?? ''))),
    );
    this.#widths = fitting(needed, this.look.columns);
    const body = cells.map((line, number) => this.#line(line, (column) => column.colour?.(rows[number]!)));
    if (this.#hasHead) return body;
    this.#hasHead = true;
    return [this.#line(heads, () => 'bold'), ...body];
  }

  #line(cells: readonly string[], colourOf: (column: Column<Row>) => Colour | undefined): string {
    const parts = this.shape.map((column, index) => {
      const width = this.#widths[index] ?? 0;
      const text = cutTo(cells[index] ?? '', width);
      // Padding stays outside of the colour, and none follows the last cell.
      const padding = index === this.shape.length - 1 ? '' : ' '.repeat(Math.max(0, width - textWidth(text)));
      return `${this.look.colours ? coloured(text, colourOf(column)) : text}${padding}`;
    });
    return parts.join(GAP).trimEnd();
  }
}

/** Takes from the widest, column by column of the terminal, until a line has room. */
function fitting(needed: readonly number[], columns: number | undefined): readonly number[] {
  const widths = [...needed];
  if (columns === undefined) return widths;
  const room = columns - GAP.length * (widths.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= NARROWEST) break;
    widths[widest] = width - 1;
  }
  return widths;
}

/** Names and values below each other. */
export function fields(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${harmless(value)}`.trimEnd());
}
