import { Controller, Get, Headers, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import type { RequestHeaders } from '../commands/request-headers.js';
import { validated } from '../http/validate.js';
import { EventMetrics } from './event-metrics.js';
import { eventFilter } from './filter.js';
import { FleetEventStream } from './fleet-events-openapi.js';
import { FleetHub } from './fleet-hub.js';
import { eventsQuery, lastEventId } from './queries.js';
import { SseListener } from './sse-listener.js';

/** What happens to the fleet, as it happens. */
@Controller('v1/events')
export class FleetEventsController {
  constructor(
    @Inject(FleetHub) private readonly hub: FleetHub,
    @Inject(EventMetrics) private readonly metrics: EventMetrics,
  ) {}

  @Get()
  @Access('reader', { stream: true })
  @FleetEventStream()
  async events(
    @Query() query: unknown,
    @Headers() headers: RequestHeaders,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { nodeId, eventType, from, ...asked } = validated(eventsQuery, query, 'query');
    const last = validated(lastEventId, headers['last-event-id'], 'header', 'Last-Event-ID') ?? asked.lastEventId;
    // Fastify answers HEAD wherever there is a GET, and nobody would ever end that stream.
    if (request.method === 'HEAD') return void reply.type('text/event-stream').send();
    const filter = eventFilter({ nodeId, eventTypes: eventType });
    const listener = new SseListener(filter, reply.raw, (events) => this.metrics.sent('sse', events));
    await this.hub.open(listener, last ?? from ?? 'now', (following) => {
      reply.hijack();
      listener.begin(following);
    });
  }
}
