import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

export type LogFindings = { readonly lines: number; readonly outcries: readonly string[] };

const SHOWN_CHARACTERS = 500;

/** What in a replica's log must never be: a line at level fatal, and on standard error anything that Node itself prints when it dies. */
export async function readLogs(name: string, logFile: string, errorFile: string): Promise<LogFindings> {
  let lines = 0;
  const outcries: string[] = [];
  for await (const line of linesOf(logFile)) {
    lines += 1;
    const what = outcryOf(line);
    if (what !== undefined) outcries.push(`${name}: ${what}`);
  }
  for await (const line of linesOf(errorFile))
    outcries.push(`${name}, standard error: ${line.slice(0, SHOWN_CHARACTERS)}`);
  return { lines, outcries };
}

/** A process that is killed may leave half a line, to which its successor's first one is joined: that is no outcry. */
export function outcryOf(line: string): string | undefined {
  if (/"level":"fatal"/.test(line)) return line.slice(0, SHOWN_CHARACTERS);
  return line === '' || line.includes('{"level":"') ? undefined : `no log line: ${line.slice(0, SHOWN_CHARACTERS)}`;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  if (existsSync(file)) yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}
