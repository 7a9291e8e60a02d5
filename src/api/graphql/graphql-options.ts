import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import type { Log } from '../../runtime/index.js';
import type { Access } from '../access/access.js';
import { errorFormatter } from './format-error.js';
import { guardRequest, MAX_TOKENS, refuseBatch } from './guard-request.js';
import { validationRules } from './limits.js';
import { subscriptionsElsewhere } from './subscriptions-elsewhere.js';

export const GRAPHQL_PATH = '/graphql';

/** Of the schema; the printed one has to be the served one. */
export const SCHEMA_OPTIONS = { numberScalarMode: 'integer' } as const;

/** It only reads. */
const ACCESS: Access = { least: 'reader', laterOverWebSocket: true };

/** Parsed and compiled queries that are kept. Whoever sends ever new ones must not fill the memory. */
const CACHED_QUERIES = 256;

export function graphqlOptions(log: Log, production: boolean): Omit<MercuriusDriverConfig, 'driver'> {
  return {
    autoSchemaFile: true,
    sortSchema: true,
    buildSchemaOptions: SCHEMA_OPTIONS,
    path: GRAPHQL_PATH,
    // Opens sockets; see socket/.
    subscription: true,
    jit: 1,
    cache: CACHED_QUERIES,
    allowBatchedQueries: false,
    validationRules: [...validationRules(production), subscriptionsElsewhere],
    graphql: { parseOptions: { maxLexicalTokens: MAX_TOKENS } },
    additionalRouteOptions: { config: { access: ACCESS }, preValidation: refuseBatch, preHandler: guardRequest },
    errorFormatter: errorFormatter(log, production),
  };
}
