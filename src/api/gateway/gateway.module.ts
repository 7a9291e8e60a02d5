import { Inject, Module, type NestModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { allowEmptyBodies } from './empty-bodies.js';
import { takeEnvelopes } from './envelopes.js';
import { DEFAULT_LIMITS, EVENT_HUB_LIMITS, EventHub } from './event-hub.js';
import { EventsController } from './events.controller.js';
import { GatewayController } from './gateway.controller.js';
import { StreamSlots } from './stream-slots.js';

/**
 * For nodes that do not speak Kafka: what they say is published as they would have published it themselves, and what is said to
 * them is sent as server-sent events. Decides nothing, and keeps nothing that another replica would have to know. Needs BUS, LOG
 * and STATE_DATABASE from a global module.
 */
@Module({
  controllers: [GatewayController, EventsController],
  providers: [
    EventHub,
    { provide: EVENT_HUB_LIMITS, useValue: DEFAULT_LIMITS },
    { provide: StreamSlots, useFactory: () => new StreamSlots(DEFAULT_LIMITS.maxStreams) },
  ],
  exports: [StreamSlots],
})
export class GatewayModule implements NestModule {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** Called before the routes are registered. */
  configure(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    allowEmptyBodies(server);
    takeEnvelopes(server);
  }
}
