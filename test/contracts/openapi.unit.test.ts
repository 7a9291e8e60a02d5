import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { PROBLEM_TYPES } from '../../src/api/http/problem-types.js';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { ANSWER_EXAMPLES } from '../../src/api/rest/openapi-examples.js';
import { withTypeLists } from '../../src/api/rest/type-lists.js';
import { committed, mistakesOf, referencesIn, resolved, withFormats, type Json } from './json-schema.js';

type Media = {
  readonly schema: Json;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
};
type Answer = {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, Media>>;
};
type Operation = {
  readonly operationId: string;
  readonly summary?: string;
  readonly responses: Readonly<Record<string, Answer>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Json;
    readonly example?: unknown;
  }[];
};

const document = committed('openapi.json');
const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
);

const official = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
/** Ajv takes the outermost `#meta` for the one that is meant, which is the only one: https://github.com/ajv-validator/ajv/issues/1573 */
const schemaText = JSON.stringify(committed('test/contracts/openapi/openapi-3.1.schema.json'));
const isOpenApi = official.compile(
  JSON.parse(schemaText.replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')) as Json,
);
const ajv = withFormats(new Ajv2020({ strict: false, allErrors: true }));
ajv.addSchema({ $id: 'openapi', ...document });

/** An answer, wherever it is written down. */
function told(answer: Answer): Answer {
  return answer.$ref === undefined ? answer : (resolved(document, answer.$ref) as Answer);
}

/** What is wrong with a value by a schema of the document. */
function mistakesIn(schema: Json, value: unknown): readonly string[] {
  const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as Json);
  check(value);
  return mistakesOf(check.errors);
}

describe('the OpenAPI document', () => {
  it('is one of OpenAPI 3.1, by its own schema', () => {
    isOpenApi(document);
    expect(mistakesOf(isOpenApi.errors)).toEqual([]);
    expect([document['openapi'], document['jsonSchemaDialect']]).toEqual([
      '3.1.0',
      'https://json-schema.org/draft/2020-12/schema',
    ]);
  });

  it.each([
    ['an answer that describes nothing', { responses: { 200: {} } }],
    ['a parameter that is nowhere', { parameters: [{ name: 'x', schema: {} }] }],
    ['a body that is none', { requestBody: { schema: {} } }],
  ])('would be found wrong with %s', (_, change) => {
    const copy = structuredClone(document) as typeof document & { paths: Record<string, Record<string, object>> };
    Object.assign(copy.paths['/v1/nodes']!['get']!, change);
    expect(isOpenApi(copy)).toBe(false);
  });

  it('refers only to what is there, and has nothing that nobody refers to', () => {
    const references = new Set(referencesIn(document));
    expect([...references].filter((reference) => resolved(document, reference) === undefined)).toEqual([]);
    const { schemas, responses } = document['components'] as Readonly<Record<string, Json>>;
    const there = [
      ...Object.keys(schemas ?? {}).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(responses ?? {}).map((name) => `#/components/responses/${name}`),
    ];
    expect(there.filter((name) => !references.has(name))).toEqual([]);
  });

  it('has only schemas of JSON Schema 2020-12, which say by their type what may be null', () => {
    const { schemas } = document['components'] as { readonly schemas: Readonly<Record<string, Json>> };
    const bodies = operations.flatMap(([, { requestBody }]) => Object.values(requestBody?.content ?? {}));
    const all = [...Object.values(schemas), ...bodies.map(({ schema }) => schema)];
    for (const schema of all) {
      expect(ajv.validateSchema(schema)).toBe(true);
      expect(JSON.stringify(schema)).not.toContain('"nullable"');
    }
    expect(schemas['Node']?.['properties']).toMatchObject({ incarnation: { type: ['integer', 'null'] } });
  });

  it('names each operation once', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('tells of every problem by a status that some operation has', () => {
    const statuses = new Set(operations.flatMap(([, { responses }]) => Object.keys(responses)));
    const missing = Object.entries(PROBLEM_TYPES).filter(([, { status }]) => !statuses.has(String(status)));
    // Told to subscriptions of GraphQL; an SSE stream has an event `gap` for it.
    expect(missing.map(([type]) => type)).toEqual(['events-lost']);
  });

  it('has an example of every document', () => {
    expect(Object.keys(DOCUMENTS).filter((name) => !(name in ANSWER_EXAMPLES))).toEqual([]);
  });
});

describe.each(operations)('%s', (name, { summary, responses, requestBody, parameters = [] }) => {
  it('says what it does, and what every request can come to', () => {
    expect(summary).toMatch(/\w/);
    const statuses = Object.keys(responses);
    expect(statuses).toEqual(expect.arrayContaining(['400', '408', '421', '431', '500']));
    if (requestBody !== undefined) expect(statuses).toEqual(expect.arrayContaining(['413', '415']));
    if (/\{id\}/.test(name)) expect(statuses).toContain('404');
    if (!name.includes('/health')) expect(statuses).toContain('503');
    for (const answer of Object.values(responses)) expect(told(answer).description).toMatch(/\w/);
  });

  it('answers with JSON, with problems, or with events', () => {
    for (const [status, answer] of Object.entries(responses)) {
      const types = Object.keys(told(answer).content ?? {});
      const isProblem = Number(status) >= 400 && !(status === '503' && name.includes('/health'));
      const expected = isProblem
        ? 'application/problem+json'
        : name.endsWith('/events')
          ? 'text/event-stream'
          : 'application/json';
      expect([status, types]).toEqual([status, [expected]]);
    }
  });

  it('has examples that fit', () => {
    const media = [
      ...Object.values(responses).flatMap((answer) => Object.values(told(answer).content ?? {})),
      ...Object.values(requestBody?.content ?? {}),
    ];
    for (const { schema, example, examples = {} } of media) {
      for (const value of [example, ...Object.values(examples).map((one) => one.value)]) {
        if (value !== undefined) expect(mistakesIn(schema, value)).toEqual([]);
      }
    }
    for (const { schema, example } of parameters)
      if (example !== undefined) expect(mistakesIn(schema, example)).toEqual([]);
    if (
      requestBody !== undefined &&
      Object.keys(requestBody.content['application/json']?.schema['properties'] ?? {}).length > 0
    )
      expect(requestBody.content['application/json']).toHaveProperty('example');
  });
});

describe('an example', () => {
  it.each(Object.entries(ANSWER_EXAMPLES))('of %s is what the API would answer', (name, example) => {
    expect(DOCUMENTS[name as keyof typeof DOCUMENTS].parse(example)).toEqual(example);
  });

  it('that does not fit is found', () => {
    expect(
      mistakesIn({ $ref: '#/components/schemas/Node' }, { ...ANSWER_EXAMPLES.Node, revision: 'two' }),
    ).toHaveLength(1);
  });
});

describe('what may be null', () => {
  it.each([
    [{ anyOf: [{ type: 'string', maxLength: 3 }, { type: 'null' }], description: 'x' }, { type: ['string', 'null'], maxLength: 3, description: 'x' }], // prettier-ignore
    [{ anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] }, { type: ['string', 'null'], enum: ['a', null] }],
    [{ anyOf: [{ anyOf: [{ type: 'string' }, { type: 'object' }] }, { type: 'null' }] }, { anyOf: [{ type: 'string' }, { type: 'object' }, { type: 'null' }] }], // prettier-ignore
    [{ anyOf: [{ $ref: '#/x' }, { type: 'null' }] }, { anyOf: [{ $ref: '#/x' }, { type: 'null' }] }],
    [{ type: 'array', items: { anyOf: [{ type: 'integer' }, { type: 'null' }] } }, { type: 'array', items: { type: ['integer', 'null'] } }], // prettier-ignore
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
    [{ type: 'string' }, { type: 'string' }],
  ])('%j is %j', (schema, expected) => {
    expect(withTypeLists(schema)).toEqual(expected);
  });
});
