import { Inject } from '@nestjs/common';
import { Args, Resolver, Subscription } from '@nestjs/graphql';
import { z } from 'zod';
import { EventMetrics } from '../events/event-metrics.js';
import { eventFilter, eventFilterFields } from '../events/filter.js';
import { FleetHub } from '../events/fleet-hub.js';
import { cursorParameter } from '../events/queries.js';
import { validated } from '../http/validate.js';
import { orNull } from './arguments.js';
import { EventQueue } from './event-queue.js';
import { NodeEventFilterInput, NodeEventModel } from './node-event.model.js';

const nodeEventsArguments = z.object({
  filter: orNull(
    z.object({ nodeId: orNull(eventFilterFields.nodeId), eventType: orNull(eventFilterFields.eventType) }),
  ),
  after: orNull(cursorParameter),
});

@Resolver(() => NodeEventModel)
export class NodeEventsResolver {
  constructor(
    @Inject(FleetHub) private readonly hub: FleetHub,
    @Inject(EventMetrics) private readonly metrics: EventMetrics,
  ) {}

  @Subscription(() => NodeEventModel, {
    description:
      'What happens to the fleet, over a WebSocket (graphql-transport-ws): from now on, or everything after a cursor',
  })
  async nodeEvents(
    @Args('filter', { type: () => NodeEventFilterInput, nullable: true }) filter?: unknown,
    @Args('after', { type: () => String, nullable: true, description: 'The cursor of the last event that was heard' })
    after?: unknown,
  ): Promise<EventQueue> {
    const wanted = validated(nodeEventsArguments, { filter, after }, 'argument');
    const { nodeId, eventType: eventTypes } = wanted.filter ?? {};
    const queue = new EventQueue(eventFilter({ nodeId, eventTypes }), (events) => this.metrics.sent('graphql', events));
    await this.hub.open(queue, wanted.after ?? 'now', (following) => queue.begin(following));
    return queue;
  }
}
