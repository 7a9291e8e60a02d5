import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { LOG, type Log } from '../../runtime/index.js';
import type { ApiOptions } from '../options.js';
import { openApiDocument } from '../rest/openapi.js';
import { ProblemFilter } from './problem-filter.js';

/** What the application needs beside its modules; call it before `init` or `listen`. */
export function configureHttp(app: NestFastifyApplication, { version }: Pick<ApiOptions, 'version'>): void {
  app.useGlobalFilters(new ProblemFilter(app.get<Log>(LOG, { strict: false })));
  SwaggerModule.setup('docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Rollcall',
  });
}
