import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Access } from '../access/access.js';
import { validated } from '../http/validate.js';
import type { RegistrationMetrics } from '../read/registry-stats.js';
import { RegistryStatsReader } from '../read/registry-stats-reader.js';
import { Answers } from './openapi-decorators.js';
import { noQuery } from './queries.js';

/** How registration goes, in numbers; /metrics has those of the process. */
@Controller('v1/metrics')
export class RegistrationMetricsController {
  constructor(@Inject(RegistryStatsReader) private readonly reader: RegistryStatsReader) {}

  @Get('registrations')
  @Access('reader')
  @Answers({ summary: 'Registrations in numbers, counted now', answer: 'RegistrationMetrics' })
  registrations(@Query() query: unknown): Promise<RegistrationMetrics> {
    validated(noQuery, query, 'query');
    return this.reader.registrations();
  }
}
