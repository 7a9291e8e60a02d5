import { Controller, Get, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { validated } from '../http/validate.js';
import { Answers } from '../rest/openapi-decorators.js';
import { noQuery } from '../rest/queries.js';
import { Access } from './access.js';
import { ANONYMOUS, type Caller } from './caller.js';

type CallerDocument = Omit<Caller, 'expiresAt'> & { readonly expiresAt: string | null };

/** For who has a token, and wants to know whose it is. */
@Controller('v1/whoami')
export class WhoAmIController {
  @Get()
  @Access('anyone')
  @Answers({ summary: 'Who the caller is, and its role', answer: 'Caller', problems: [400, 503] })
  whoAmI(@Query() query: unknown, @Req() { caller }: FastifyRequest): CallerDocument {
    validated(noQuery, query, 'query');
    const { expiresAt, ...who } = caller ?? ANONYMOUS;
    return { ...who, expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() };
  }
}
