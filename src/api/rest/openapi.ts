import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { DOCUMENTS } from './documents.js';
import { jsonSchema } from './openapi-decorators.js';

/** The description of the REST API, as /openapi.json serves it. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Rollcall')
    .setDescription('A registry for fleets of nodes. GraphQL is at /graphql. Problems are documents of RFC 9457.')
    .setVersion(version)
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const schemas = Object.fromEntries(Object.entries(DOCUMENTS).map(([name, schema]) => [name, jsonSchema(schema)]));
  return { ...document, components: { ...document.components, schemas } };
}
