import type { z } from 'zod';
import { Problem, type FieldError } from './problem.js';

/**
 * The value that a part of a request (or the one field of it that is named) stands for. Throws a `validation` problem that
 * names every wrong field.
 */
export function validated<T extends z.ZodType>(
  schema: T,
  value: unknown,
  part: FieldError['in'],
  field?: string,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const within = field === undefined ? [] : [field];
  const errors = result.error.issues.flatMap((issue) => fieldErrors(issue, part, within)).slice(0, MAX_ERRORS);
  const fields = [...new Set(errors.map(({ field }) => field))];
  const are = fields.length > 1 ? 'are' : 'is';
  throw new Problem('validation', `${fields.join(', ')} (${part}) ${are} not valid`, errors);
}

const MAX_NAME = 64;
/** More than these help nobody, and an answer should not be longer than the request. */
const MAX_ERRORS = 50;

function fieldErrors(issue: z.core.$ZodIssue, part: FieldError['in'], within: readonly string[]): FieldError[] {
  const path = [...within, ...issue.path.map(shown)];
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one whose outside fits.
    const meant = issue.errors.find((issues) => issues.every((inner) => inner.path.length > 0));
    if (meant !== undefined) return meant.flatMap((inner) => fieldErrors(inner, part, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 20).map((key) => ({
      in: part,
      field: [...path, shown(key)].join('.'),
      message: 'is not known here',
    }));
  }
  return [{ in: part, field: path.join('.') || part, message: issue.message }];
}

function shown(name: PropertyKey): string {
  const text = String(name);
  return text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}…` : text;
}
