import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { z } from 'zod';
import { idParameter, nodeIdParameter } from '../parameters.js';
import type { DocumentName } from './documents.js';
import { withTypeLists } from './type-lists.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type SchemaObject = Exclude<Schemas[string], { $ref: string }>;

/** Status of an answer that is no problem; 503 of the health document, which tells what is missing. */
type Success = 200 | 201 | 202 | 503;

type Operation = {
  readonly summary: string;
  readonly description?: string;
  readonly answer?: DocumentName;
  /** Of `answer`; 200 unless told. */
  readonly status?: Success;
  /** Where there are several, instead of `answer`. */
  readonly answers?: Readonly<Partial<Record<Success, DocumentName>>>;
  readonly path?: readonly (keyof typeof PATH_PARAMETERS)[];
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly bodyOptional?: boolean;
  /** Headers of answers that are no problems: what each means, by name. */
  readonly answerHeaders?: Readonly<Partial<Record<Success, Readonly<Record<string, string>>>>>;
  /** What each optional header means, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Status codes that carry a problem. */
  readonly problems?: readonly number[];
};

const PATH_PARAMETERS = { nodeId: nodeIdParameter, id: idParameter } as const;

/** Describes an operation to OpenAPI, parameters and body from the very schemas that check them. */
export function Answers(operation: Operation): MethodDecorator {
  const { summary, description, answer, status = 200, path = [], headers = {}, answerHeaders, problems } = operation;
  const answers = operation.answers ?? (answer === undefined ? {} : { [status]: answer });
  const failing = problems ?? [400, ...(path.length > 0 ? [404] : []), 503];
  return applyDecorators(
    ApiOperation({ summary, ...(description === undefined ? {} : { description }) }),
    ...path.map((name) => ApiParam({ name, schema: jsonSchema(PATH_PARAMETERS[name]) })),
    ...Object.entries(headers).map(([name, description]) => ApiHeader({ name, description, required: false })),
    ...queryOf(operation),
    ...bodyOf(operation),
    ApiProduces('application/json'),
    ...Object.entries(answers).map(([code, name]) =>
      ApiResponse({
        status: Number(code),
        description: MEANINGS[Number(code) as Success],
        ...headersOf(Number(code), answerHeaders),
        content: { 'application/json': { schema: reference(name) } },
      }),
    ),
    ...failing.map((code) =>
      ApiResponse({
        status: code,
        description: 'A problem document',
        content: { 'application/problem+json': { schema: reference('Problem') } },
      }),
    ),
  );
}

const MEANINGS: Readonly<Record<Success, string>> = {
  200: 'Done',
  201: 'Done, and there is something new',
  202: 'Taken',
  503: 'Something critical is missing',
};

function headersOf(status: number, all: Operation['answerHeaders'] = {}) {
  const told = Object.entries(all[status as Success] ?? {});
  if (told.length === 0) return {};
  const schema = { type: 'string' as const };
  return { headers: Object.fromEntries(told.map(([name, description]) => [name, { description, schema }])) };
}

function queryOf({ query }: Operation) {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = parameterSchema(schema as z.ZodType);
    return ApiQuery({ name, required: false, schema: rest, ...(description === undefined ? {} : { description }) });
  });
}

function bodyOf({ body, bodyOptional = false }: Operation) {
  return body === undefined ? [] : [ApiBody({ required: !bodyOptional, schema: jsonSchema(body) })];
}

export function reference(name: DocumentName): { $ref: string } {
  return { $ref: addressOf(name) };
}

function addressOf(name: string): string {
  return `#/components/schemas/${name}`;
}

const AS_WRITTEN = { io: 'input', unrepresentable: 'any' } as const;

/** JSON schema (2020-12, as OpenAPI 3.1 wants it). */
export function jsonSchema(schema: z.ZodType): SchemaObject {
  return inOpenApi(z.toJSONSchema(schema, AS_WRITTEN));
}

/** The same of all, by their names; where one has another in it, it refers to it. */
export function jsonSchemas(named: Readonly<Record<string, z.ZodType>>): Schemas {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...AS_WRITTEN, uri: addressOf });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, inOpenApi(schema)]));
}

function inOpenApi({ $schema: _dialect, $id: _address, ...rest }: Readonly<Record<string, unknown>>): SchemaObject {
  return withTypeLists(rest) as SchemaObject;
}

/** A number in a query is text to us, and a number to those who read the description. */
function parameterSchema(schema: z.ZodType): SchemaObject {
  const described = schema.meta() as { readonly openapi?: SchemaObject; readonly description?: string } | undefined;
  if (described?.openapi === undefined) return jsonSchema(schema);
  return {
    ...described.openapi,
    ...(described.description === undefined ? {} : { description: described.description }),
  };
}
