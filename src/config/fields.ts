/**
 * What single variables may be: schemas that know how to describe themselves, since what is wrong with one is told to a person.
 */
import { z } from 'zod';

/** The longest that a timer of Node can wait. */
const MAX_MS = 2_147_483_647;

/** What a variable has to be, in words, and a value that is. Both stand in the message about a mistake. */
export type About = {
  readonly expected: string;
  readonly example: string;
  /** Its value is shown nowhere, and becomes unprintable for `redact`. */
  readonly secret?: boolean;
  /** A secret, or holds one: the same name with _FILE behind it names a file that has the value. */
  readonly file?: boolean;
};

export function about<T extends z.ZodType>(schema: T, expected: string, example: string): T {
  return schema.meta({ expected, example } satisfies About);
}

export function secret<T extends z.ZodType>(schema: T, expected: string): T {
  return schema.meta({ expected, example: '…', secret: true, file: true } satisfies About);
}

/** Not secret as a whole, but with a part that is. */
export function holdingSecret<T extends z.ZodType>(schema: T, expected: string, example: string): T {
  return schema.meta({ expected, example, file: true } satisfies About);
}

/** A mistake that has words of its own, in place of what is expected in general. */
export function mistake(input: unknown, cross: string): z.core.$ZodRawIssue {
  return { code: 'custom', input, params: { cross } };
}

export function integer(fallback: number, min: number, max: number, what = `a whole number from ${min} to ${max}`) {
  const digits = z.string().regex(/^\d{1,10}$/);
  const number = digits.transform(Number).pipe(z.number().min(min).max(max));
  return about(number.default(fallback), what, String(fallback));
}

export function milliseconds(fallback: number) {
  return integer(fallback, 1, MAX_MS, 'a whole number of milliseconds, at least 1');
}

export function name(fallback: string, maxLength: number) {
  const text = z.string().regex(new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${maxLength - 1}}$`));
  const what = `1-${maxLength} letters, digits, ".", "_" or "-", beginning with a letter or digit`;
  return about(text.default(fallback), what, fallback);
}

export function oneOf<const T extends readonly string[]>(values: T, fallback: T[number]) {
  return about(z.enum(values).default(fallback as never), `one of ${values.join(', ')}`, fallback);
}

export const list = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== ''));
