import { Controller, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BUS, LOG, type Bus, type Log } from '../../runtime/index.js';
import { Access } from '../access/access.js';
import { noteResult } from '../audit/audited-request.js';
import { requestIntrospectionBody } from '../commands/bodies.js';
import { rootMessage } from '../commands/command.js';
import { publishRecord } from '../commands/publish.js';
import { validated } from '../http/validate.js';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { jsonBody } from './json-body.js';
import { Answers } from './openapi-decorators.js';
import { noQuery } from './queries.js';

/** Asks nodes to describe themselves. */
@Controller('v1/introspection-requests')
export class IntrospectionRequestsController {
  constructor(
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @Post()
  @Access('operator', { audit: 'introspection.request' })
  @HttpCode(202)
  @Answers({
    summary: 'Ask one node, or all of them, to introspect',
    answer: 'PublishedEvent',
    status: 202,
    body: requestIntrospectionBody,
    bodyOptional: true,
    problems: [400, 413, 415, 503],
  })
  async request(@Query() query: unknown, @Req() request: FastifyRequest): Promise<{ readonly eventId: string }> {
    validated(noQuery, query, 'query');
    const { targetNodeId } = validated(requestIntrospectionBody, jsonBody(request) ?? {}, 'body');
    const { registryId } = this.options;
    const payload = { nodeId: targetNodeId ?? registryId, targetNodeId };
    const { message, record } = rootMessage(
      { eventType: 'REGISTRY_REQUEST_INTROSPECTION', payload },
      { registryId, headers: request.headers },
    );
    noteResult(request, message.eventId);
    await publishRecord(this.bus, this.log, record);
    return { eventId: message.eventId };
  }
}
