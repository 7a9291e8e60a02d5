/** A JSON schema, as far as it is looked into here. */
export type JsonSchema = {
  readonly [keyword: string]: unknown;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
};

/**
 * `{ anyOf: [{ type: 'string' }, { type: 'null' }] }` as `{ type: ['string', 'null'] }`: what may be null says so in its type, as people and
 * most generators of code want it. What is allowed stays the same.
 */
export function withTypeLists(schema: JsonSchema): JsonSchema {
  const inner = Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, within(value)]));
  const { anyOf, ...rest } = inner;
  if (!Array.isArray(anyOf)) return inner;
  const forms = (anyOf as readonly JsonSchema[]).flatMap(unfolded);
  const [form, ...others] = forms.filter((one) => !isNull(one));
  if (others.length > 0 || forms.length !== 2 || typeof form?.type !== 'string' || 'const' in form)
    return { ...rest, anyOf: forms };
  const nullable = { ...form, ...rest, type: [form.type, 'null'] };
  return Array.isArray(form['enum']) ? { ...nullable, enum: [...(form['enum'] as unknown[]), null] } : nullable;
}

function within(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(within);
  return typeof value === 'object' && value !== null ? withTypeLists(value as JsonSchema) : value;
}

/** A choice within a choice is one choice. */
function unfolded(form: JsonSchema): readonly JsonSchema[] {
  const { anyOf, ...rest } = form;
  return Array.isArray(anyOf) && Object.keys(rest).length === 0 ? (anyOf as readonly JsonSchema[]) : [form];
}

function isNull({ type, ...rest }: JsonSchema): boolean {
  return type === 'null' && Object.keys(rest).length === 0;
}
