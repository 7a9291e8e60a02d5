import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { Registry } from 'prom-client';
import { LOG, METRICS, type Log, type Tracing } from '../../runtime/index.js';
import { AccessHook } from '../access/access-hook.js';
import type { ApiOptions } from '../options.js';
import { openApiDocument } from '../rest/openapi.js';
import { observeRequests } from './observe-requests.js';
import { ProblemFilter } from './problem-filter.js';
import { hasConsole, serveConsole } from './serve-console.js';

/** What the application needs beside its modules, with the page of the api or without; before `init` or `listen`. */
export function configureHttp(
  app: NestFastifyApplication,
  {
    version,
    docs = true,
    tracing = null,
    consoleDirectory,
  }: Pick<ApiOptions, 'version' | 'consoleDirectory'> & {
    readonly docs?: boolean;
    readonly tracing?: Tracing | null;
  },
): void {
  const log = app.get<Log>(LOG, { strict: false });
  const filter = new ProblemFilter(log);
  app.useGlobalFilters(filter);
  // A route keeps the handler that is set when it is made: Nest would come too late with its own.
  const fastify = app.getHttpAdapter().getInstance();
  fastify.setErrorHandler((error, request, reply) => filter.answer(error, request, reply));
  observeRequests(fastify, { log, tracing, metrics: app.get<Registry>(METRICS, { strict: false }) });
  app.get(AccessHook, { strict: false }).install(fastify);
  if (!docs) return;
  if (hasConsole(consoleDirectory)) serveConsole(app, consoleDirectory);
  SwaggerModule.setup('docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Rollcall',
  });
}
