import { z } from 'zod';
import { hasUnstorableText, type Camel } from '../../messages/index.js';

/**
 * The schema of a request body that carries a message's payload: the fields of the message (`shape`, wire names), named in
 * camelCase, and no others. Its output is the payload as it is inside: camelCase, normalised.
 */
export function camelSchema<S extends z.ZodRawShape>(shape: S): z.ZodType<Camel<z.output<z.ZodObject<S>>>> {
  const fields = Object.entries(shape).map(([name, field]) => [camelName(name), field] as const);
  const schema = z.strictObject(Object.fromEntries(fields), { error: bodyError }).superRefine((body, context) => {
    for (const [name, value] of Object.entries(body)) {
      if (!hasUnstorableText(value)) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'must not contain NUL characters or halves of surrogate pairs',
      });
    }
  });
  return schema as unknown as z.ZodType<Camel<z.output<z.ZodObject<S>>>>;
}

/** Only for a body that is no object; for unknown fields the default says which. */
function bodyError({ code }: { readonly code: string }): string | undefined {
  return code === 'invalid_type' ? 'must be a JSON object' : undefined;
}

function camelName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
