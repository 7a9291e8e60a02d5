/** Prints src/api-answers/answers.ts: the schemas of openapi.json as types. `npm run generate` writes it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';

const { openapi, info, components } = JSON.parse(await readFile(join(import.meta.dirname, '../openapi.json'), 'utf8'));
const nodes = await openapiTS(
  { openapi, info, paths: {}, components: { schemas: components.schemas } },
  { immutable: true, exportType: true, rootTypes: true, rootTypesNoSchemaPrefix: true },
);
// Of what has no entries here it makes a type each, too.
const empty = new Set(['paths', 'webhooks', 'operations', '$defs']);
const types = nodes.filter((node) => !empty.has(node.name?.text));
process.stdout.write(
  `/** What REST answers, by openapi.json: for clients of the API. Generated: \`npm run generate\`. */\n${astToString(types)}`,
);
