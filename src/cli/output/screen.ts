import type { Terminal } from '../terminal.js';
import { coloured, wantsColours, type Colour } from './colours.js';
import { Table, type Column } from './table.js';

export type ScreenOptions = { readonly json: boolean; readonly colour: boolean };

/**
 * What a command prints. For people: lines and tables. With `--json`: a document for what is one, a line of JSON an item for what is
 * a list, and nothing else on standard output. Notes for people go to standard error, so that a pipe has only results.
 */
export class Screen {
  readonly json: boolean;
  readonly colours: boolean;

  constructor(
    private readonly terminal: Terminal,
    { json, colour }: ScreenOptions,
  ) {
    this.json = json;
    this.colours = !json && wantsColours({ isTTY: terminal.out.isTTY, asked: colour, env: terminal.env });
  }

  /** For people only. */
  async lines(lines: readonly string[]): Promise<void> {
    if (!this.json && lines.length > 0) await this.terminal.out.write(`${lines.join('\n')}\n`);
  }

  /** One result: as text, or as JSON. */
  async document(document: unknown, lines: readonly string[]): Promise<void> {
    if (this.json) await this.terminal.out.write(`${JSON.stringify(document, null, 2)}\n`);
    else await this.lines(lines);
  }

  /** One result of many, with `--json`. */
  async item(document: unknown): Promise<void> {
    if (this.json) await this.terminal.out.write(`${JSON.stringify(document)}\n`);
  }

  /** Many results: rows of one table, or a line of JSON each. */
  list<Row>(columns: readonly Column<Row>[]): (rows: readonly Row[]) => Promise<void> {
    const table = new Table(columns, { colours: this.colours, columns: this.terminal.out.columns });
    return async (rows) => {
      if (!this.json) return this.lines(table.lines(rows));
      if (rows.length > 0) await this.terminal.out.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    };
  }

  /** To standard error, also with `--json`. */
  async note(text: string): Promise<void> {
    await this.terminal.err.write(`${text}\n`);
  }

  paint(text: string, colour: Colour | undefined): string {
    return this.colours ? coloured(text, colour) : text;
  }
}
