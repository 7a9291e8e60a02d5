import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { errorText } from '../messages/index.js';
import type { History } from '../runtime/index.js';
import { endSchema, headerSchema, historySchema, isGzipped, type JournalHeader } from './journal-file.js';

/** A file that was opened: what its first line says, and its histories, which are read as they are asked for, once. */
export type JournalFile = { readonly header: JournalHeader; readonly histories: AsyncGenerator<History> };

/** Throws an Error that names file and line when it is not a journal, is of another format, or ends too early. */
export async function readJournalFile(path: string): Promise<JournalFile> {
  const lines = linesOf(path);
  try {
    const first = await lines.next();
    const header = headerSchema.safeParse(first.done === true ? undefined : parsed(first.value, `${path}:1`));
    if (header.success) return { header: header.data, histories: historiesOf(path, lines) };
    const problems = header.error.issues.map(({ path: at, message }) => `${at.join('.') || 'line'}: ${message}`);
    throw new Error(`${path} does not begin as a journal of format 1 does (${problems.join('; ')})`);
  } catch (error) {
    await lines.return(undefined);
    throw error;
  }
}

async function* historiesOf(path: string, lines: AsyncGenerator<string>): AsyncGenerator<History> {
  const read = { states: 0, entries: 0 };
  let number = 1;
  for await (const line of lines) {
    number += 1;
    const value = parsed(line, `${path}:${number}`);
    const end = endSchema.safeParse(value);
    if (end.success) {
      const { states, entries } = end.data.end;
      if (states === read.states && entries === read.entries) return;
      throw new Error(
        `${path} has ${read.entries} entries of ${read.states} states, and says that there are ${entries} of ${states}`,
      );
    }
    const history = historySchema.safeParse(value);
    if (!history.success) {
      const issue = history.error.issues[0];
      throw new Error(`${path}:${number} is no history: ${issue?.path.join('.')}: ${issue?.message}`);
    }
    read.states += 1;
    read.entries += history.data.entries.length;
    yield history.data;
  }
  throw new Error(`${path} has no last line that says how much there is: it was cut off behind line ${number}`);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of textOf(path)) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw new Error(`${path} cannot be read: ${errorText(error)}`, { cause: error });
  }
  if (rest !== '') yield rest;
}

function textOf(path: string): AsyncIterable<unknown> {
  const file = createReadStream(path);
  if (!isGzipped(path)) return file.setEncoding('utf8');
  // What goes wrong with the file destroys the text, and so reaches whoever reads it.
  return pipeline(file, createGunzip(), () => undefined).setEncoding('utf8');
}

function parsed(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`${where} is not JSON: ${errorText(error)}`, { cause: error });
  }
}
