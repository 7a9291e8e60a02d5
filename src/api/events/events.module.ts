import { Module } from '@nestjs/common';
import { GatewayModule } from '../gateway/gateway.module.js';
import { EventMetrics } from './event-metrics.js';
import { FleetEventsController } from './fleet-events.controller.js';
import { FleetHub } from './fleet-hub.js';

/**
 * What happens to the fleet, for whoever follows it: over server-sent events here, as a GraphQL subscription in graphql/. Decides nothing,
 * and keeps nothing that another replica would have to know. Needs EVENT_SOURCE, LOG and METRICS from a global module.
 */
@Module({
  imports: [GatewayModule],
  controllers: [FleetEventsController],
  providers: [FleetHub, EventMetrics],
  exports: [FleetHub, EventMetrics],
})
export class EventsModule {}
