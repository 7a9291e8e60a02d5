/** One instance of another registry, in words that all of them have. */
export type Instance = {
  /** As the other registry names it. */
  readonly id: string;
  /** Name of the service that it is an instance of. */
  readonly service: string;
  readonly tags: readonly string[];
  readonly endpoints: Readonly<Record<string, string>>;
  readonly healthEndpoint: string | null;
  readonly version: string | null;
  /** Its own metadata. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Where it comes from, and what of it has no place of its own here. */
  readonly origin: Readonly<Record<string, unknown>>;
  /** Why the other registry hands it to nobody; null: it does. */
  readonly absent: string | null;
};

/** What is no instance, and why: told, and not imported. */
export type Unreadable = { readonly where: string; readonly why: string };

export type Reading = { readonly instances: readonly Instance[]; readonly unreadable: readonly Unreadable[] };

export type Reader<T> = {
  /** What is wrong with a document that has no list of them. */
  readonly noList: string;
  /** The instance, or why it is none. */
  readonly instanceOf: (one: T) => Instance | string;
  /** How people are told of one that cannot be read; `number` is its place in the document, from 1. */
  readonly nameOf: (one: T, number: number) => string;
};

/** What was found in each document (null: no list of instances), read one by one. */
export function readEach<T>(found: readonly (readonly T[] | null)[], reader: Reader<T>): Reading {
  const instances: Instance[] = [];
  const unreadable: Unreadable[] = [];
  for (const [number, list] of found.entries()) {
    if (list === null) unreadable.push({ where: `document ${number + 1}`, why: reader.noList });
    for (const [index, one] of (list ?? []).entries()) {
      const read = reader.instanceOf(one);
      if (typeof read === 'string') unreadable.push({ where: reader.nameOf(one, index + 1), why: read });
      else instances.push(read);
    }
  }
  return { instances, unreadable };
}

/** Any JSON that a file may hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonFields = Readonly<Record<string, Json>>;

export function isFields(value: Json | undefined): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list, where XML's habits made an object of a list of one, or left out an empty one. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** As JSON has it, or as text: metadata of Java programs is text only. */
export function isTrue(value: Json | undefined): boolean {
  return value === true || value === 'true';
}

export function textOf(value: Json | undefined): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

export function portOf(value: Json | undefined): number | null {
  const port = Number(typeof value === 'string' || typeof value === 'number' ? value : NaN);
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
}

/** An address of IPv6 needs brackets in a URL. */
export function urlAt(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Without what is null. */
export function present<T>(values: Readonly<Record<string, T | null | undefined>>): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(values).filter((pair): pair is [string, T & {}] => pair[1] !== null && pair[1] !== undefined),
  );
}
