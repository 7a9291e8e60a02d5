import type { JsonSchema } from '../rest/type-lists.js';

/** A field of a payload as a table shows it. */
export type FieldRow = { readonly name: string; readonly type: string; readonly meaning: string };

/** The fields of an object, those within its objects by names with dots. Of a choice between objects all that one can have. */
export function fieldRows(schema: JsonSchema, prefix = ''): readonly FieldRow[] {
  const required = new Set((schema['required'] as readonly string[] | undefined) ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const optional = required.has(name) || prefix.includes('[]') ? '' : ', optional';
    const row = { name: path, type: `${typeText(field)}${optional}`, meaning: field.description ?? '' };
    return [row, ...within(field, path)];
  });
}

function within(field: JsonSchema, path: string): readonly FieldRow[] {
  if (field.properties !== undefined) return fieldRows(field, `${path}.`);
  const { items } = field as { readonly items?: JsonSchema };
  return items?.properties === undefined ? [] : fieldRows(items, `${path}[].`);
}

/** What a value may be, in words. */
export function typeText(schema: JsonSchema): string {
  if ('const' in schema) return `\`${String(schema['const'])}\``;
  if (Array.isArray(schema['enum']))
    return (schema['enum'] as unknown[]).map((value) => `\`${String(value)}\``).join(', ');
  const forms = (schema['anyOf'] ?? schema['oneOf']) as readonly JsonSchema[] | undefined;
  if (forms !== undefined) return [...new Set(forms.map(typeText))].join(' or ');
  const types = Array.isArray(schema.type) ? (schema.type as readonly string[]) : [String(schema.type ?? 'any')];
  return types.map((type) => named(type, schema)).join(' or ');
}

function named(type: string, schema: JsonSchema): string {
  switch (type) {
    case 'string':
      return `${formatText(schema['format'])}${atMost(schema['maxLength'], 'characters')}`;
    case 'integer':
      return `whole number${rangeText(schema)}`;
    case 'number':
      return `number${rangeText(schema)}`;
    case 'array':
      return `list of ${typeText((schema['items'] as JsonSchema | undefined) ?? {})}${atMost(schema['maxItems'], 'items')}`;
    default:
      return type;
  }
}

function formatText(format: unknown): string {
  switch (format) {
    case 'date-time':
      return 'RFC 3339 time';
    case 'uuid':
      return 'UUID';
    case 'uri':
      return 'URL';
    default:
      return 'text';
  }
}

function rangeText({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const least =
    typeof exclusiveMinimum === 'number' ? `above ${exclusiveMinimum}` : isBound(minimum) ? `from ${minimum}` : '';
  const most = isBound(maximum) ? `to ${maximum}` : '';
  return [least, most].filter((text) => text !== '').map((text) => ` ${text}`).join(''); // prettier-ignore
}

/** Beyond it stands what a double can hold, which is no limit of ours. */
function isBound(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function atMost(limit: unknown, what: string): string {
  return typeof limit === 'number' ? ` of at most ${limit} ${what}` : '';
}
