import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { camelCased, decodeText, encode, PAYLOADS, type Decoded } from '../../src/messages/index.js';
import { envelopeSchema } from '../../src/messages/envelope.js';
import { ordinaryEnvelope, ordinaryIntrospection } from '../../src/messages/ordinary.js';
import { isJsonObject, type JsonObject } from '../../src/messages/json.js';
import { id, NODE } from '../support/builders.js';
import { endpoints, jsonObject } from '../support/arbitrary-values.js';
import { onTheWire, PAYLOADS_ON_THE_WIRE } from '../support/wire.js';

const DESCRIPTION = PAYLOADS_ON_THE_WIRE.NODE_INTROSPECTION;

/** Values of every kind that a field may wrongly have, and such as are right in one field or another. */
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', ' ', 'x', 0, -0, -1, 1.5, 2 ** 53, 2 ** 53 - 1, true, [], ['a'], {}),
  fc.constantFrom('node-1', '-node', 'n'.repeat(255), 'n'.repeat(256), 'effect', 'startup', 'request', 'elsewhere'),
  fc.constantFrom('1.0.0', '01.0.0', '1.0.0-rc.1+5', '1.0', '1.1', '2.0', id(1), id(1).toUpperCase(), `${id(1)} `),
  fc.constantFrom('2026-11-21T10:00:00.000Z', '2026-02-30T10:00:00.000Z', '2026-11-21T10:00:00+01:00', '2026-11-31'),
  fc.constantFrom(
    'http://a/',
    ' http://a/',
    'http://a b/',
    'http://a/\tb',
    'http:a',
    'http://',
    'HTTP://A',
    'tcp://[::1]:7',
  ),
  fc.constantFrom('http://1.2.3.999/', 'http://ü/', 'mailto:a@b', `http://a/${'x'.repeat(2040)}`, 'http://a:99999/'),
  jsonObject,
  endpoints,
  fc.dictionary(
    fc.constantFrom('api', '', '__proto__', 'constructor', '10', 'x'.repeat(256)),
    fc.constantFrom('http://a/', 'b', 1),
  ),
  fc.constant(deep(40)),
  fc.constant(deep(32)),
  fc.constant({ list: deep(31) }),
);

/** A value with some of its fields changed, one taken away or a new one beside them. */
function spoilt(good: JsonObject): fc.Arbitrary<JsonObject> {
  const field = fc.constantFrom(...Object.keys(good), 'new_field', '__proto__', 'constructor');
  return fc.array(fc.tuple(field, anyValue), { maxLength: 3 }).map((changes) => {
    const changed = Object.entries(good).map(([name, value]) => [name, value] as [string, unknown]);
    const merged = new Map([...changed, ...changes]);
    return JSON.parse(JSON.stringify(Object.fromEntries(merged))) as JsonObject;
  });
}

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { a: deep(levels - 1) };
}

/** How the schemas alone read it: the message as text, so that the order of names counts too; null where they refuse. */
function readBySchemas(json: unknown): string | null {
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return null;
  const payload = PAYLOADS.NODE_INTROSPECTION.safeParse(envelope.data.payload);
  if (!payload.success) return null;
  const { event_id, event_timestamp, source_node_id, correlation_id, causation_id } = envelope.data;
  return JSON.stringify([
    event_id,
    event_timestamp,
    source_node_id,
    correlation_id,
    causation_id,
    camelCased(payload.data),
  ]);
}

function asText(decoded: Decoded): string | null {
  if (!decoded.ok) return null;
  const { eventId, eventTimestamp, sourceNodeId, correlationId, causationId, payload } = decoded.message;
  return JSON.stringify([eventId, eventTimestamp, sourceNodeId, correlationId, causationId, payload]);
}

describe('a message that is ordinary', () => {
  it('is read without the schemas', () => {
    expect(ordinaryEnvelope(onTheWire('NODE_HEARTBEAT', { node_id: NODE }))).toMatchObject({ event_id: id(7) });
    expect(ordinaryIntrospection(DESCRIPTION as JsonObject)).toEqual(
      camelCased(PAYLOADS.NODE_INTROSPECTION.parse(DESCRIPTION)),
    );
    const { health_endpoint: _, incarnation: __, ...shorter } = DESCRIPTION;
    expect(ordinaryIntrospection(shorter as JsonObject)).toEqual(
      camelCased(PAYLOADS.NODE_INTROSPECTION.parse(shorter)),
    );
  });

  it('is read as the schemas read it, and so is every other', () => {
    let read = 0;
    let ordinary = 0;
    fc.assert(
      fc.property(spoilt(DESCRIPTION as JsonObject), (payload) => {
        const json = onTheWire('NODE_INTROSPECTION', payload);
        const decoded = decodeText(JSON.stringify(json));
        expect(asText(decoded)).toBe(readBySchemas(json));
        read += decoded.ok ? 1 : 0;
        ordinary += ordinaryIntrospection(payload) === null ? 0 : 1;
      }),
      // One that only the schemas read, whatever chance brings.
      { numRuns: 500, examples: [[{ ...DESCRIPTION, capabilities: ['a'] }]] },
    );
    // Both ways are gone, and refusals seen.
    expect([ordinary > 50, read > ordinary, read < 500]).toEqual([true, true, true]);
  });

  it('has an envelope that the schema reads alike', () => {
    let ordinary = 0;
    fc.assert(
      fc.property(spoilt(onTheWire('NODE_INTROSPECTION', DESCRIPTION) as JsonObject), (json) => {
        const decoded = decodeText(JSON.stringify(json));
        if (decoded.ok) expect(decoded.message.eventType).toBe('NODE_INTROSPECTION');
        if (json['event_type'] === 'NODE_INTROSPECTION') expect(asText(decoded)).toBe(readBySchemas(json));
        ordinary += ordinaryEnvelope(json) === null ? 0 : 1;
      }),
      { numRuns: 500 },
    );
    expect(ordinary).toBeGreaterThan(50);
  });

  it('keeps what the node wrote itself to the byte', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, endpoints, (capabilities, metadata, urls) => {
        const payload = { ...DESCRIPTION, capabilities, metadata, endpoints: urls };
        const decoded = decodeText(JSON.stringify(onTheWire('NODE_INTROSPECTION', payload)));
        if (!decoded.ok) throw new Error(decoded.reason);
        const again = JSON.parse(encode(decoded.message)) as { payload: unknown };
        expect(isJsonObject(again.payload) && JSON.stringify(again.payload['capabilities'])).toBe(
          JSON.stringify(capabilities),
        );
        expect(JSON.stringify(again.payload)).toBe(JSON.stringify(payload));
      }),
    );
  });
});
