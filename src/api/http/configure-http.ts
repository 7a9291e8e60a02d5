import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { LOG, type Log } from '../../runtime/index.js';
import type { ApiOptions } from '../options.js';
import { openApiDocument } from '../rest/openapi.js';
import { ProblemFilter } from './problem-filter.js';

/** What the application needs beside its modules, with the page of the api or without; before `init` or `listen`. */
export function configureHttp(
  app: NestFastifyApplication,
  { version, docs = true }: Pick<ApiOptions, 'version'> & { readonly docs?: boolean },
): void {
  const filter = new ProblemFilter(app.get<Log>(LOG, { strict: false }));
  app.useGlobalFilters(filter);
  // A route keeps the handler that is set when it is made: Nest would come too late with its own.
  const fastify = app.getHttpAdapter().getInstance();
  fastify.setErrorHandler((error, request, reply) => filter.answer(error, request, reply));
  if (!docs) return;
  SwaggerModule.setup('docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Rollcall',
  });
}
