import { Controller, Get, Headers, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import type { RequestHeaders } from '../commands/request-headers.js';
import { validated } from '../http/validate.js';
import { nodeIdParameter } from '../parameters.js';
import { EventHub } from './event-hub.js';
import { eventsQuery, lastEventId } from './event-id.js';
import { NodeEventStream } from './gateway-openapi.js';

/** What the registry says to a node that does not read Kafka. */
@Controller('v1/nodes/:nodeId')
export class EventsController {
  constructor(@Inject(EventHub) private readonly hub: EventHub) {}

  @Get('events')
  @Access('reader', { node: 'own', stream: true })
  @NodeEventStream()
  async events(
    @Param('nodeId') id: string,
    @Query() query: unknown,
    @Headers() headers: RequestHeaders,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const nodeId = validated(nodeIdParameter, id, 'path', 'nodeId');
    const asked = validated(eventsQuery, query, 'query').lastEventId;
    const last = validated(lastEventId, headers['last-event-id'], 'header', 'Last-Event-ID') ?? asked ?? null;
    // Fastify answers HEAD wherever there is a GET, and nobody would ever end that stream.
    if (request.method === 'HEAD') return void reply.type('text/event-stream').send();
    await this.hub.open(nodeId, last, reply);
  }
}
