import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BUS, LOG, type Bus, type Log } from '../../runtime/index.js';
import { publishRecord } from '../commands/publish.js';
import { recordToRedrive } from '../dead-letters/redrive.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { idParameter } from '../parameters.js';
import { encodeCursor } from '../read/cursor.js';
import type { DeadLetter, DeadLetterDetail } from '../read/dead-letters.js';
import { DeadLetterReader } from '../read/dead-letters-reader.js';
import { jsonBody } from './json-body.js';
import type { PageDocument } from './nodes.controller.js';
import { Answers } from './openapi-decorators.js';
import { listDeadLettersQuery, noBody, noQuery } from './queries.js';

/** Messages that could not be handled: to look at, and to send again once the reason is mended. */
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    @Inject(DeadLetterReader) private readonly letters: DeadLetterReader,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Log,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
  ) {}

  @Get()
  @Answers({ summary: 'Dead letters, the newest first', answer: 'DeadLetterPage', query: listDeadLettersQuery })
  async list(@Query() query: unknown): Promise<PageDocument<DeadLetter>> {
    const { limit, cursor, ...filter } = validated(listDeadLettersQuery, query, 'query');
    const { items, next } = await this.letters.list(filter, { limit, after: cursor ?? null });
    return { items, nextCursor: next === null ? null : encodeCursor('dead-letters', next) };
  }

  @Get(':id')
  @Answers({
    summary: 'One dead letter, with its original',
    answer: 'DeadLetterDetail',
    path: ['id'],
  })
  async one(@Param('id') id: string, @Query() query: unknown): Promise<DeadLetterDetail> {
    validated(noQuery, query, 'query');
    return this.find(idOf(id));
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @Answers({
    summary: 'Sends the original of a dead letter again',
    description: `Publishes it to its topic, with the same key, value and headers, where it is handled as if it had just come. The dead letter
stays and counts its redrives; should the message fail again, there is another dead letter.`,
    answer: 'Redrive',
    status: 202,
    path: ['id'],
    problems: [400, 404, 409, 415, 503],
  })
  async redrive(
    @Param('id') parameter: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ readonly id: string }> {
    const id = idOf(parameter);
    validated(noQuery, query, 'query');
    validated(noBody, jsonBody(request) ?? {}, 'body');
    const record = recordToRedrive(await this.find(id), this.options.topicPrefix);
    await publishRecord(this.bus, this.log, record);
    // Behind the publish: what is said to have been sent was sent, and a crash in between only leaves it unsaid.
    await this.letters.recordRedrive(id);
    this.log.info({ deadLetter: id, topic: record.topic }, 'dead letter sent again');
    return { id };
  }

  private async find(id: string): Promise<DeadLetterDetail> {
    const letter = await this.letters.one(id);
    if (letter === null) throw new Problem('dead-letter-not-found', `no dead letter ${id} is known here`);
    return letter;
  }
}

function idOf(id: string): string {
  return validated(idParameter, id, 'path', 'id');
}
