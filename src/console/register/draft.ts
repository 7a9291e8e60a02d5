import type { NodeType } from '../api/fleet-model.js';

/** What stands in the form. */
export type Draft = {
  readonly nodeId: string;
  readonly nodeType: NodeType;
  readonly nodeVersion: string;
  /** Tags, separated by commas or blanks; or a JSON object. */
  readonly capabilities: string;
  /** A line each: `name URL`, or a URL alone. */
  readonly endpoints: string;
  /** A JSON object. */
  readonly metadata: string;
  readonly acknowledgement: 'waived' | 'required';
  readonly liveness: 'none' | 'heartbeat';
};

export const EMPTY_DRAFT: Draft = {
  nodeId: '',
  nodeType: 'effect',
  nodeVersion: '1.0.0',
  capabilities: '',
  endpoints: '',
  metadata: '',
  acknowledgement: 'waived',
  liveness: 'none',
};

export type DraftField = keyof Draft;
export type BodyOrErrors =
  | { readonly body: Readonly<Record<string, unknown>>; readonly errors: null }
  | { readonly body: null; readonly errors: ReadonlyMap<DraftField, string> };

/** The body of the request; or what cannot be read at all. Whether it is admissible, the API says. */
export function bodyOf(draft: Draft): BodyOrErrors {
  const errors = new Map<DraftField, string>();
  const read = <T>(field: DraftField, parse: (text: string) => T): T | undefined => {
    try {
      return parse(draft[field].trim());
    } catch (error) {
      errors.set(field, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const capabilities = read('capabilities', capabilitiesFrom);
  const endpoints = read('endpoints', endpointsFrom);
  const metadata = read('metadata', objectFrom);
  if (draft.nodeId.trim() === '') errors.set('nodeId', 'must be given');
  if (errors.size > 0) return { body: null, errors };
  const { nodeType, acknowledgement, liveness } = draft;
  const nodeVersion = draft.nodeVersion.trim();
  return {
    body: {
      nodeId: draft.nodeId.trim(),
      nodeType,
      ...(nodeVersion === '' ? {} : { nodeVersion }),
      capabilities,
      endpoints,
      metadata,
      acknowledgement,
      liveness,
    },
    errors: null,
  };
}

function capabilitiesFrom(text: string): unknown {
  return text.startsWith('{') ? objectFrom(text) : text.split(/[\s,]+/).filter((tag) => tag !== '');
}

function endpointsFrom(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').map((line) => line.trim());
  const entries = lines.filter((line) => line !== '').map(endpointFrom);
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`names ${twice} twice; give each line a name of its own`);
  return Object.fromEntries(entries);
}

function endpointFrom(line: string): readonly [string, string] {
  const parts = line.split(/[\s=]+/);
  const [first = '', second] = parts;
  // A URL may have an equals sign in its query.
  if (first.includes('://')) return ['api', line];
  if (second === undefined) throw new Error(`"${line}" needs a name and a URL, such as: api http://10.0.0.7:8080`);
  return [first, line.slice(first.length).replace(/^[\s=]+/, '')];
}

function objectFrom(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`is no JSON: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('must be a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

/** The field of the form that an error of the API is about: `endpoints.api` is about the endpoints. Null for another. */
export function draftFieldOf(field: string): DraftField | null {
  const [name = ''] = field.split('.');
  return Object.hasOwn(EMPTY_DRAFT, name) ? (name as DraftField) : null;
}
