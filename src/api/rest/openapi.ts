import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { BEARER } from '../access/access.js';
import { DOCUMENTS, PARTS } from './documents.js';
import { described } from './openapi-answers.js';
import { jsonSchemas } from './openapi-decorators.js';
import { problemAnswers } from './openapi-problems.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

const BEARER_DESCRIPTION = `A token of ADMIN_TOKENS, or of the OpenID provider. The scopes of an operation are the roles that may use it: each role may
do what those before it may (reader, operator, admin); a node only speaks as itself. Not needed where the registry is open on loopback.`;

/** The description of the REST API, as /openapi.json serves it: OpenAPI 3.1, every answer of every operation. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Rollcall')
    .setDescription(
      'A registry for fleets of nodes. GraphQL is at /graphql, what travels on Kafka at /asyncapi.json. Problems are documents of RFC 9457.',
    )
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: BEARER_DESCRIPTION }, BEARER)
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const { paths, statuses } = described(document.paths);
  // The types of @nestjs/swagger are those of 3.0.
  return {
    ...document,
    jsonSchemaDialect: DIALECT,
    paths,
    components: {
      ...document.components,
      schemas: jsonSchemas({ ...DOCUMENTS, ...PARTS }),
      responses: problemAnswers(statuses),
    },
  } as OpenAPIObject;
}
