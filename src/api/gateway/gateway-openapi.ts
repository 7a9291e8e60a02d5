import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { ENVELOPE_TYPE, HTTP_PUBLIC_KEY_HEADER, HTTP_SIGNATURE_HEADER } from '../../messages/index.js';
import { nodeIdParameter } from '../parameters.js';
import { jsonSchema, reference } from '../rest/openapi-decorators.js';
import { NODE_HEADERS } from './node-headers.js';
import { BODIES, SAYINGS } from './node-says.js';

/** Of an envelope only. */
const SIGNATURE_HEADERS = {
  [HTTP_SIGNATURE_HEADER]: 'Ed25519 signature of the envelope, 64 bytes in base64url without padding',
  [HTTP_PUBLIC_KEY_HEADER]: 'Public key of the node, 32 bytes in base64url without padding',
} as const;

const DESCRIPTION = `Publishes the message that a node with Kafka would publish itself. A node that signs sends that very message, its whole
envelope, as \`${ENVELOPE_TYPE}\`, with the signature over these bytes in two headers.`;

/** Describes a post of the gateway, its body from the very schema that checks it. */
export function SaidByNode(path: keyof typeof SAYINGS, summary: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary, description: DESCRIPTION }),
    ApiParam({ name: 'nodeId', schema: jsonSchema(nodeIdParameter) }),
    ...Object.entries(NODE_HEADERS).map(([name, description]) =>
      ApiHeader({ name, description, required: false, schema: { type: 'string', format: 'uuid' } }),
    ),
    ...Object.entries(SIGNATURE_HEADERS).map(([name, description]) =>
      ApiHeader({ name, description, required: false }),
    ),
    ApiBody({ required: path === 'introspection', schema: jsonSchema(BODIES[SAYINGS[path]]) }),
    ApiResponse({
      status: 202,
      description: 'The message is in the log; what comes of it is told by the event stream',
      content: { 'application/json': { schema: reference('TakenMessage') } },
    }),
    ...problems(400, 413, 503),
  );
}

export function NodeEventStream(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: "What the registry says to a node, as server-sent events; `data` is the message's JSON envelope",
      description: `Without a position the stream begins with what happens after its opening; the node need not be known yet. Each
event's id is a position: with the last one in \`Last-Event-ID\` everything after it is sent, without gaps, by whichever replica
answers; a position that the journal does not have (any more) begins with everything that is there. Requests to introspect that no
node's workflow made are passed on as they come, without an id. An event may come more than once: its \`event_id\` tells.`,
    }),
    ApiParam({ name: 'nodeId', schema: jsonSchema(nodeIdParameter) }),
    ApiHeader({ name: 'last-event-id', description: 'Id of the last event that was heard', required: false }),
    ApiQuery({
      name: 'lastEventId',
      description: 'The same, for clients that cannot set the header; the header goes before it',
      required: false,
      schema: { type: 'string' },
    }),
    ApiResponse({
      status: 200,
      description: 'Open until either side closes it',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    }),
    ...problems(400, 503),
  );
}

function problems(...statuses: readonly number[]) {
  return statuses.map((status) =>
    ApiResponse({
      status,
      description: 'A problem document',
      content: { 'application/problem+json': { schema: reference('Problem') } },
    }),
  );
}
