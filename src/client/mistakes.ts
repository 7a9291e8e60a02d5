import type { z } from 'zod';

/** What an option has to be, in words, by its path. */
export type Expected = Readonly<Record<string, string>>;

const SHOWN = 60;

/**
 * One text for each option that is wrong, which says what was expected and, where it may be printed, what was given. `root`: where
 * in the options the schema stands.
 */
export function mistakesOf(error: z.ZodError, options: unknown, expected: Expected, root: readonly string[] = []) {
  const mistakes = new Map<string, string>();
  for (const issue of error.issues) {
    const path = [...root, ...issue.path.map(String)];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const name = [...path, key].join('.');
        mistakes.set(name, `${name} is no option; is it misspelt?`);
      }
      continue;
    }
    const known = nearestKnown(path, expected);
    const name = known.join('.') || 'the options';
    const found = isSecret(name) ? '' : `, not ${shown(valueAt(options, known))}`;
    if (!mistakes.has(name)) mistakes.set(name, `${name} has to be ${expected[name] ?? issue.message}${found}`);
  }
  return [...mistakes.values()];
}

/** The issue's place, or the nearest one above it that can be told about. */
function nearestKnown(path: readonly string[], expected: Expected): readonly string[] {
  for (let length = path.length; length > 0; length -= 1) {
    const above = path.slice(0, length);
    if (Object.hasOwn(expected, above.join('.'))) return above;
  }
  return path;
}

function valueAt(options: unknown, path: readonly string[]): unknown {
  let value = options;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function isSecret(name: string): boolean {
  return /token|password|sasl|ssl|signing/i.test(name);
}

function shown(value: unknown): string {
  if (value === undefined) return 'left out';
  if (typeof value === 'function') return 'a function';
  const text = printed(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function printed(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'what cannot be written as JSON';
  }
}
