import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { nodeIdParameter } from '../parameters.js';
import type { DocumentName } from './documents.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type SchemaObject = Exclude<Schemas[string], { $ref: string }>;

type Operation = {
  readonly summary: string;
  readonly answer: DocumentName;
  readonly path?: readonly 'nodeId'[];
  readonly query?: z.ZodObject;
  /** Status codes that carry a problem. */
  readonly problems?: readonly number[];
};

/** Describes an operation to OpenAPI, parameters from the very schema that checks them. */
export function Answers({ summary, answer, path = [], query, problems }: Operation): MethodDecorator {
  const failing = problems ?? [400, ...(path.length > 0 ? [404] : []), 503];
  return applyDecorators(
    ApiOperation({ summary }),
    ...path.map((name) => ApiParam({ name, schema: jsonSchema(nodeIdParameter) })),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => {
      const { description, ...rest } = parameterSchema(schema as z.ZodType);
      return ApiQuery({ name, required: false, schema: rest, ...(description === undefined ? {} : { description }) });
    }),
    ApiProduces('application/json'),
    ApiResponse({ status: 200, description: 'Done', content: { 'application/json': { schema: reference(answer) } } }),
    ...failing.map((status) =>
      ApiResponse({
        status,
        description: 'A problem document',
        content: { 'application/problem+json': { schema: reference('Problem') } },
      }),
    ),
  );
}

export function reference(name: DocumentName): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** JSON schema (2020-12, as OpenAPI 3.1 wants it). */
export function jsonSchema(schema: z.ZodType): SchemaObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest as SchemaObject;
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
