import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machine.js';
import type { Result } from '../scenario.js';

/** A result with when and how it came about. */
export type Stored = Omit<Result, 'drawings'> & {
  /** RFC 3339. */
  readonly measuredAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
};

export type Results = { readonly results: readonly Stored[] };

const FILE = 'results.json';

/** What an earlier run has left in the folder; nothing where there was none. */
export function readResults(folder: string): Results {
  const file = join(folder, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : { results: [] };
}

/** A new result takes the place of the one of the same scenario; a new one comes where the order of the scenarios puts it. */
export function withResult({ results }: Results, stored: Stored, order: readonly string[]): Results {
  const place = ({ name }: Stored): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const others = results.filter(({ name }) => name !== stored.name);
  return { results: [...others, stored].sort((a, b) => place(a) - place(b)) };
}

/** Never half written: a run that is killed leaves what was there. */
export function writeResults(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(results, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
