import { OPAQUE, snakeCased, toSnake } from './case.js';
import type { RegistrationRecord } from './catalogue.js';
import { RememberedTexts } from './remembered-texts.js';

/**
 * What JSON.stringify says, in one pass and with less to do: names are known, most strings need no escape, and a `record` is written once
 * however often it is told. For messages and states, whose names are ours and whose objects never change.
 */
type Writer = (value: unknown) => string;

const wireRecords = new RememberedTexts((record) => JSON.stringify(snakeCased(record)));

/** In snake_case, as on the wire: the text of `snakeCased(value)`. */
export const wireText: Writer = writer(toSnake, wireRecords);

/** A record alone, as on the wire. */
export function recordText(record: RegistrationRecord): string {
  return wireRecords.of(record);
}

/** As it is: what the journal keeps of a state. */
export const jsonText: Writer = writer((name) => name, new RememberedTexts((record) => JSON.stringify(record)));

/** What JSON.stringify escapes; a surrogate only where its other half is missing, which is left to it. */
const TO_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
/** A long text is looked through faster than by an expression. */
const SHORT = 200;

/** A string as JSON. */
export function quoted(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

function isPlain(text: string): boolean {
  return text.length < SHORT && !TO_ESCAPE.test(text);
}

/** What stands before a value: `first` where it opens its object, `next` elsewhere. */
type Name = { readonly first: string; readonly next: string; readonly kind: 'record' | 'opaque' | 'plain' };

function writer(rename: (name: string) => string, records: RememberedTexts): Writer {
  /** As small as the vocabulary: free names stand in opaque values only. */
  const names = new Map<string, Name>();

  function learn(name: string): Name {
    const kind = name === 'record' ? 'record' : OPAQUE.has(name) ? 'opaque' : 'plain';
    const key = `${JSON.stringify(rename(name))}:`;
    const known: Name = { first: `{${key}`, next: `,${key}`, kind };
    names.set(name, known);
    return known;
  }

  function write(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return quoted(value);
      case 'number':
        return Number.isFinite(value) ? `${value}` : 'null';
      case 'boolean':
        return value ? 'true' : 'false';
      case 'object':
        if (value === null) return 'null';
        return Array.isArray(value) ? writeArray(value) : writeObject(value);
      default:
        return 'null';
    }
  }

  function writeArray(values: readonly unknown[]): string {
    return values.length === 0 ? '[]' : `[${values.map(write).join(',')}]`;
  }

  function writeObject(value: object): string {
    let text = '';
    // What is written here inherits no names, and so no list of its own has to be made.
    for (const name in value) {
      const inner = (value as Readonly<Record<string, unknown>>)[name];
      if (inner === undefined) continue;
      const { first, next, kind } = names.get(name) ?? learn(name);
      text += text === '' ? first : next;
      if (kind === 'plain') text += write(inner);
      else if (kind === 'record' && typeof inner === 'object' && inner !== null) text += records.of(inner);
      else text += JSON.stringify(inner);
    }
    return text === '' ? '{}' : `${text}}`;
  }

  return write;
}
