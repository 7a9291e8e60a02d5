import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { Answers } from '../rest/openapi-decorators.js';
import { eventsQuery } from './queries.js';

export function FleetEventStream(): MethodDecorator {
  return applyDecorators(
    Answers({
      summary: "What happens to the fleet, as server-sent events; `data` is the message's JSON envelope",
      description: `Every event that the registry publishes to nodes and to all. An event's id is a cursor: with the last one in
\`Last-Event-ID\` everything after it is sent, by whichever replica answers. Events of one type and node come in their order, without gaps;
an event may come more than once: its \`event_id\` tells. Where the log does not have all that came after the cursor (any more), an event
\`gap\` says so first. A comment is sent at least every 15 seconds, \`up to date\` once everything that there was has been sent.`,
      query: eventsQuery,
      headers: { 'last-event-id': 'Id of the last event that was heard' },
      problems: [400, 503],
    }),
    ApiResponse({
      status: 200,
      description: 'Open until either side closes it',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    }),
  );
}
