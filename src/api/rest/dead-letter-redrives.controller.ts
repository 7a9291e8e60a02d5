import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { Access } from '../access/access.js';
import { noteResult } from '../audit/audited-request.js';
import { correlationId } from '../commands/request-headers.js';
import { redriveBody, redriveByFilterBody } from '../dead-letters/bodies.js';
import { Redriver, type Asked, type RedriveReport } from '../dead-letters/redriver.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { idParameter } from '../parameters.js';
import { DeadLetterReader } from '../read/dead-letters-reader.js';
import { jsonBody } from './json-body.js';
import { Answers } from './openapi-decorators.js';
import { noBody, noQuery } from './queries.js';

const HEADERS = {
  'X-Correlation-Id': 'A UUID under which the redrives are noted; one is made where it is left out',
} as const;

/** Sends messages again that could not be handled, once the reason is mended. */
@Controller('v1/dead-letters')
@ApiTags('DeadLetters')
export class DeadLetterRedrivesController {
  constructor(
    @Inject(Redriver) private readonly redriver: Redriver,
    @Inject(DeadLetterReader) private readonly letters: DeadLetterReader,
  ) {}

  @Post('redrive')
  @Access('operator', { audit: 'dead-letters.redrive' })
  @HttpCode(202)
  @Answers({
    summary: 'Sends the originals of the dead letters again that a filter finds',
    description: `The oldest first, in batches, at most 500 a second. A dry run, which it is unless \`dryRun\` is false, says what would be sent
and sends nothing. What cannot be sent, is in quarantine, or has a later letter that stands for it, is left out and told with the reason; so is
the rest when the log stops taking messages half-way. To repeat a request is safe: what was sent is not found again, unless \`redriven\` is \`any\`.`,
    answer: 'RedriveReport',
    status: 202,
    body: redriveByFilterBody,
    headers: HEADERS,
    problems: [400, 409, 413, 415, 503],
  })
  byFilter(@Query() query: unknown, @Req() request: FastifyRequest): Promise<RedriveReport> {
    validated(noQuery, query, 'query');
    const { filter, dryRun, limit } = validated(redriveByFilterBody, jsonBody(request), 'body');
    return this.redriver.byFilter(filter, { ...askedBy(request), dryRun, limit });
  }

  @Post(':id/redrive')
  @Access('operator', { audit: 'dead-letter.redrive' })
  @HttpCode(202)
  @Answers({
    summary: 'Sends the original of a dead letter again',
    description: `Publishes it to its topic, with the same key, value and headers, and \`rollcall-redrive-of\` as one more header; there it is handled
as if it had just come. The dead letter stays and keeps the history of its redrives; should the message fail again, there is another dead letter
of the same line. After three failures the newest is in quarantine, and no letter of the line is sent again unless it is released or forced.`,
    answer: 'Redrive',
    status: 202,
    path: ['id'],
    body: redriveBody,
    bodyOptional: true,
    headers: HEADERS,
    problems: [400, 404, 409, 413, 415, 503],
  })
  async byId(
    @Param('id') parameter: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ readonly id: string; readonly requestId: string }> {
    const id = idOf(parameter);
    validated(noQuery, query, 'query');
    const { force } = validated(redriveBody, jsonBody(request) ?? {}, 'body');
    const asked = askedBy(request);
    await this.redriver.one(id, { ...asked, force });
    return { id, requestId: asked.requestId };
  }

  @Post(':id/release')
  @Access('operator', { audit: 'dead-letter.release' })
  @HttpCode(200)
  @Answers({
    summary: 'Takes the line of a dead letter out of quarantine',
    description: 'It can be sent again, by its id and by a filter; the next failure puts the newest letter back.',
    answer: 'DeadLetterRelease',
    path: ['id'],
    problems: [400, 404, 415, 503],
  })
  async release(
    @Param('id') parameter: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ readonly id: string; readonly released: readonly string[] }> {
    const id = idOf(parameter);
    validated(noQuery, query, 'query');
    validated(noBody, jsonBody(request) ?? {}, 'body');
    const released = await this.letters.release(id);
    if (released === null) throw new Problem('dead-letter-not-found', `no dead letter ${id} is known here`);
    return { id, released };
  }
}

function askedBy(request: FastifyRequest): Asked {
  const requestId = correlationId(request.headers) ?? uuidv7();
  noteResult(request, requestId);
  return { requestId, requestedFrom: request.ip };
}

function idOf(id: string): string {
  return validated(idParameter, id, 'path', 'id');
}
