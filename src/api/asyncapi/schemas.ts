import { z } from 'zod';
import { envelopeSchema, PAYLOADS, SNAPSHOT_VERSION_HEADER, type MessageType } from '../../messages/index.js';
import { withTypeLists, type JsonSchema } from '../rest/type-lists.js';

/** The payload of a message on the wire, as the schema that decodes it describes it. Draft 7, which is AsyncAPI's own. */
export function payloadSchema(type: MessageType): JsonSchema {
  return draft7(PAYLOADS[type]);
}

/** A whole message; its payload is named, not repeated. */
export function messageSchema(type: MessageType): JsonSchema {
  const { properties, ...envelope } = draft7(envelopeSchema);
  return {
    ...envelope,
    properties: {
      ...properties,
      event_type: { type: 'string', const: type },
      payload: { $ref: `#/components/schemas/${type}` },
    },
  };
}

const text = (description: string): JsonSchema => ({ type: 'string', description });

const HEADERS: Readonly<Record<string, JsonSchema>> = {
  'content-type': { type: 'string', const: 'application/json' },
  event_type: text('As in the envelope, to pass over what one does not want without reading it'),
  correlation_id: { type: 'string', format: 'uuid', description: 'As in the envelope' },
  traceparent: text('W3C Trace Context: passed on from the message that caused this one, where that had one'),
};

/** What the registry sends beside the value; it asks nobody else for headers. */
export function headerSchema(type: MessageType): JsonSchema {
  const version = text('The `workflow_version` of the payload; of a tombstone, too');
  return {
    type: 'object',
    properties: type === 'NODE_REGISTRATION_SNAPSHOT' ? { ...HEADERS, [SNAPSHOT_VERSION_HEADER]: version } : HEADERS,
  };
}

function draft7(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-7',
  });
  return withTypeLists(rest as JsonSchema);
}
