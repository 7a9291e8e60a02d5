import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Access } from '../access/access.js';
import { textOf } from '../dead-letters/text-of.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { idParameter } from '../parameters.js';
import { encodeCursor } from '../read/cursor.js';
import type { DeadLetterDetail } from '../read/dead-letters-detail.js';
import { DeadLetterReader } from '../read/dead-letters-reader.js';
import type { DeadLetter } from '../read/dead-letters.js';
import type { PageDocument } from './nodes.controller.js';
import { Answers } from './openapi-decorators.js';
import { listDeadLettersQuery, noQuery } from './queries.js';

type DetailDocument = DeadLetterDetail & { readonly originalText: string | null };

/** Messages that could not be handled, to look at. */
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(@Inject(DeadLetterReader) private readonly letters: DeadLetterReader) {}

  @Get()
  @Access('reader')
  @Answers({ summary: 'Dead letters, the newest first', answer: 'DeadLetterPage', query: listDeadLettersQuery })
  async list(@Query() query: unknown): Promise<PageDocument<DeadLetter>> {
    const { limit, cursor, ...filter } = validated(listDeadLettersQuery, query, 'query');
    const { items, next } = await this.letters.list(filter, { limit, after: cursor ?? null });
    return { items, nextCursor: next === null ? null : encodeCursor('dead-letters', next) };
  }

  @Get(':id')
  @Access('reader')
  @Answers({
    summary: 'One dead letter, with its original, its redrives and what became of them',
    answer: 'DeadLetterDetail',
    path: ['id'],
  })
  async one(@Param('id') parameter: string, @Query() query: unknown): Promise<DetailDocument> {
    const id = validated(idParameter, parameter, 'path', 'id');
    validated(noQuery, query, 'query');
    const letter = await this.letters.one(id);
    if (letter === null) throw new Problem('dead-letter-not-found', `no dead letter ${id} is known here`);
    return { ...letter, originalText: textOf(letter.originalValue, letter.valueTruncated) };
  }
}
