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
  app.useGlobalFilters(new ProblemFilter(app.get<Log>(LOG, { strict: false })));
  if (!docs) return;
  SwaggerModule.setup('docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Rollcall',
  });
}
