import { Controller, Get, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Access } from '../access/access.js';
import { validated } from '../http/validate.js';
import { ExpiryGuard, type ExpiryDocument } from '../read/expiry-guard.js';
import { jsonBody } from './json-body.js';
import { Answers } from './openapi-decorators.js';
import { noBody, noQuery } from './queries.js';

const FOR_MS = 'must be a whole number of milliseconds from 1000 to 3600000';
const releaseBody = z.strictObject({
  forMs: z
    .number({ error: FOR_MS })
    .int(FOR_MS)
    .min(1000, FOR_MS)
    .max(3_600_000, FOR_MS)
    .default(300_000)
    .describe('How long everything may expire, in milliseconds'),
});

/**
 * Mass-expiry protection: when a large share of the fleet falls silent at once, the network is a likelier reason than the nodes,
 * and nothing expires until it is over or an operator says that it may.
 */
@Controller('v1/expiry')
export class ExpiryController {
  constructor(@Inject(ExpiryGuard) private readonly guard: ExpiryGuard) {}

  @Get()
  @Access('reader')
  @Answers({ summary: 'Whether silent nodes expire now', answer: 'Expiry' })
  read(@Query() query: unknown): Promise<ExpiryDocument> {
    validated(noQuery, query, 'query');
    return this.guard.read();
  }

  @Post('release')
  @Access('operator', { audit: 'expiry.release' })
  @HttpCode(202)
  @Answers({
    summary: 'Let everything expire that is silent, for a while',
    description:
      'For as long as `forMs` says, from now on, however many nodes it is; the next round of the scanner begins with it.',
    answer: 'Expiry',
    status: 202,
    body: releaseBody,
    bodyOptional: true,
    problems: [400, 415, 503],
  })
  release(@Query() query: unknown, @Req() request: FastifyRequest): Promise<ExpiryDocument> {
    validated(noQuery, query, 'query');
    const { forMs } = validated(releaseBody, jsonBody(request) ?? {}, 'body');
    return this.guard.release(forMs);
  }

  @Post('resume-protection')
  @Access('operator', { audit: 'expiry.resume-protection' })
  @HttpCode(202)
  @Answers({
    summary: 'End a release before its time',
    answer: 'Expiry',
    status: 202,
    problems: [400, 415, 503],
  })
  resumeProtection(@Query() query: unknown, @Req() request: FastifyRequest): Promise<ExpiryDocument> {
    validated(noQuery, query, 'query');
    validated(noBody, jsonBody(request) ?? {}, 'body');
    return this.guard.resumeProtection();
  }
}
