import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { History } from '../runtime/index.js';
import { isGzipped, type Extent, type JournalHeader } from './journal-file.js';

/**
 * Writes histories to a new file, and returns how much that was. Throws when the file is there already, and leaves no half of one
 * behind when it fails.
 */
export async function writeJournalFile(
  path: string,
  header: JournalHeader,
  histories: AsyncIterable<History> | Iterable<History>,
  progress?: (states: number, entries: number) => void,
): Promise<Extent> {
  const extent = { states: 0, entries: 0 };
  const file = createWriteStream(path, { flags: 'wx' });
  const lines = Readable.from(linesOf(header, histories, extent, progress));
  try {
    await (isGzipped(path) ? pipeline(lines, createGzip(), file) : pipeline(lines, file));
  } catch (error) {
    if (isThere(error))
      throw new Error(`${path} is there already: remove it, or choose another name`, { cause: error });
    await rm(path, { force: true });
    throw error;
  }
  return extent;
}

async function* linesOf(
  header: JournalHeader,
  histories: AsyncIterable<History> | Iterable<History>,
  extent: Extent,
  progress?: (states: number, entries: number) => void,
): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`;
  for await (const history of histories) {
    yield `${JSON.stringify(history)}\n`;
    extent.states += 1;
    extent.entries += history.entries.length;
    progress?.(extent.states, extent.entries);
  }
  yield `${JSON.stringify({ end: extent })}\n`;
}

function isThere(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST';
}
