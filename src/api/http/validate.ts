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
  const errors = result.error.issues.flatMap((issue) => fieldErrors(issue, part, field === undefined ? [] : [field]));
  const fields = [...new Set(errors.map(({ field }) => field))].join(', ');
  throw new Problem('validation', `${fields} (${part}) is not valid`, errors);
}

const MAX_NAME = 64;

function fieldErrors(issue: z.core.$ZodIssue, part: FieldError['in'], within: readonly string[]): FieldError[] {
  const path = [...within, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 20).map((key) => ({
      in: part,
      field: [...path, key.length > MAX_NAME ? `${key.slice(0, MAX_NAME)}…` : key].join('.'),
      message: 'is not known here',
    }));
  }
  return [{ in: part, field: path.join('.') || part, message: issue.message }];
}
