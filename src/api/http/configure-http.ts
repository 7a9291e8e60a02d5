import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { LOG, type Log } from '../../runtime/index.js';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { openApiDocument } from '../rest/openapi.js';
import { ProblemFilter } from './problem-filter.js';

/** What the application needs beside its modules; call it before `init` or `listen`. */
export function configureHttp(app: NestFastifyApplication): void {
  const { version } = app.get<ApiOptions>(API_OPTIONS, { strict: false });
  app.useGlobalFilters(new ProblemFilter(app.get<Log>(LOG, { strict: false })));
  SwaggerModule.setup('docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Rollcall',
  });
}
