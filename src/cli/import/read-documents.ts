import { readFile } from 'node:fs/promises';
import { wrongUsage } from '../exit.js';
import { firstCause } from '../registry/failures.js';
import type { Terminal } from '../terminal.js';
import type { Json } from './reading.js';

/**
 * The documents of a file: one of JSON, or several, a line each, as `consul snapshot decode` and `curl … >> file` make them. Throws
 * CommandFailure, which says how JSON is had, for XML and for binary snapshots.
 */
export async function readDocuments(file: string, source: string, terminal: Terminal): Promise<readonly Json[]> {
  let bytes: Buffer;
  try {
    bytes = file === '-' ? Buffer.from(await terminal.readStdin()) : await readFile(file);
  } catch (error) {
    throw wrongUsage(`${file} cannot be read: ${firstCause(error)}`);
  }
  // gzip's magic number, or what no text has.
  if ((bytes[0] === 0x1f && bytes[1] === 0x8b) || bytes.subarray(0, 4096).includes(0)) {
    throw wrongUsage(
      `${file} is binary. Of a snapshot of Consul, this makes JSON: consul snapshot decode ${file} > snapshot.json`,
    );
  }
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text.startsWith('<')) {
    const how =
      source === 'eureka'
        ? "curl -H 'Accept: application/json' http://HOST:8761/eureka/apps > apps.json"
        : 'the JSON API';
    throw wrongUsage(`${file} is XML, which is not read. Ask for JSON: ${how}`);
  }
  if (text === '') throw wrongUsage(`${file} is empty`);
  return documentsIn(text, file);
}

function documentsIn(text: string, file: string): readonly Json[] {
  try {
    return [JSON.parse(text) as Json];
  } catch (whole) {
    const lines = text.split(/\r?\n/);
    return lines.flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line) as Json];
      } catch (error) {
        // Whichever of the two it was meant to be.
        const reason = index === 0 ? firstCause(whole) : `line ${index + 1}: ${firstCause(error)}`;
        throw wrongUsage(`${file} is neither JSON nor lines of JSON: ${reason}`);
      }
    });
  }
}
