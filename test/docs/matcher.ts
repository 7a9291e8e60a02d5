/**
 * Holds an answer against the documented one, in which `…` stands for whatever differs from run to run: a whole value, a part of a
 * text, or, as a line of its own, any number of lines.
 */
import type { Block } from './markdown.js';

const ANYTHING = '…';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What is different, in words; empty when the answer is the documented one. */
export function differences({ language, text }: Pick<Block, 'language' | 'text'>, answered: string): readonly string[] {
  switch (language) {
    case 'json':
      return jsonTexts(text, answered);
    case 'http':
      return httpTexts(text, answered);
    default:
      return matches(text.trim(), answered.trim()) ? [] : [changed('', text, answered)];
  }
}

function jsonTexts(documented: string, answered: string): readonly string[] {
  let parsed: Json;
  try {
    parsed = JSON.parse(answered) as Json;
  } catch {
    return [`documented JSON, answered: ${answered}`];
  }
  return values(JSON.parse(documented) as Json, parsed, '');
}

function values(documented: Json, answered: Json, at: string): readonly string[] {
  if (typeof documented === 'string') {
    if (documented === ANYTHING) return [];
    return typeof answered === 'string' && matches(documented, answered) ? [] : [changed(at, documented, answered)];
  }
  if (isList(documented) && isList(answered)) {
    if (documented.length !== answered.length) return [changed(at, documented, answered)];
    return documented.flatMap((value, index) => values(value, answered[index] ?? null, `${at}[${index}]`));
  }
  if (isObject(documented) && isObject(answered)) {
    return [...new Set([...Object.keys(documented), ...Object.keys(answered)])].flatMap((key) => {
      const [expected, actual] = [documented[key], answered[key]];
      const place = at === '' ? key : `${at}.${key}`;
      if (expected === undefined) return [`${place}: not documented, answered ${JSON.stringify(actual)}`];
      if (actual === undefined) return [`${place}: documented ${JSON.stringify(expected)}, not answered`];
      return values(expected, actual, place);
    });
  }
  return documented === answered ? [] : [changed(at, documented, answered)];
}

/** A status line, headers of which only the documented ones count, and a body that is JSON or empty. */
function httpTexts(documented: string, answered: string): readonly string[] {
  const [expected, actual] = [httpOf(documented), httpOf(answered)];
  const status = matches(expected.status, actual.status) ? [] : [changed('status', expected.status, actual.status)];
  const headers = expected.headers
    .filter((header) => !actual.headers.some((line) => matches(header.toLowerCase(), line.toLowerCase())))
    .map((header) => `header "${header}": documented, not answered`);
  const body = expected.body === '' ? [] : jsonTexts(expected.body, actual.body);
  return [...status, ...headers, ...body];
}

function httpOf(text: string) {
  const lines = text.replaceAll('\r', '').trim().split('\n');
  const end = lines.includes('') ? lines.indexOf('') : lines.length;
  const [status = '', ...headers] = lines.slice(0, end);
  return { status, headers, body: lines.slice(end).join('\n').trim() };
}

function matches(documented: string, answered: string): boolean {
  const lines = documented.split('\n').map((line) => (line.trim() === ANYTHING ? null : patternOf(line)));
  // A line of its own swallows its line break, too: it may stand for no line at all.
  const pattern = lines.map((line, index) => (line === null ? '(?:.*\n)*?' : line + lineEnd(lines, index))).join('');
  return new RegExp(`^${pattern}$`).test(lines.at(-1) === null ? `${answered}\n` : answered);
}

function lineEnd(lines: readonly unknown[], index: number): string {
  return index === lines.length - 1 ? '' : '\n';
}

function patternOf(line: string): string {
  return line
    .split(ANYTHING)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
}

function changed(at: string, documented: unknown, answered: unknown): string {
  return `${at === '' ? '' : `${at}: `}documented ${JSON.stringify(documented)}, answered ${JSON.stringify(answered)}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !isList(value);
}
