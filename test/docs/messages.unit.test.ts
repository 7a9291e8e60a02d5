import { describe, expect, it } from '@jest/globals';
import { decode, encode, isMessageType, topicOf } from '../../src/messages/index.js';
import { blocksOf } from './markdown.js';
import { page } from './pages.js';

type Envelope = { readonly event_type: string; readonly payload: Readonly<Record<string, unknown>> };

const messages = blocksOf(page('docs/nodes.md'))
  .filter(({ language, text }) => language === 'json' && text.includes('"envelope_version"'))
  .map(({ heading, line, text }) => [`${heading} (line ${line})`, text] as const);

/** What is wrong with a message that a page shows, as whoever reads the topic would see it. */
function mistakes(text: string): readonly string[] {
  const { event_type: type, payload } = JSON.parse(text) as Envelope;
  if (!isMessageType(type) || type === 'DEADLINE_PASSED') return [`${type} is no message for nodes`];
  const decoded = decode(topicOf(type), { key: String(payload['node_id']), value: Buffer.from(text) });
  if (!decoded.ok) return [decoded.reason];
  // Unknown fields are left out by who reads: here they are misspelt ones.
  const known = (JSON.parse(encode(decoded.message)) as Envelope).payload;
  return Object.keys(payload).flatMap((field) => (field in known ? [] : [`${field} is not known`]));
}

describe('the messages of docs/nodes.md', () => {
  it('are there', () => expect(messages.length).toBeGreaterThan(4));

  it.each(messages)('%s can be read', (_, text) => expect(mistakes(text)).toEqual([]));

  it('are found wrong when they are', () => {
    const text = messages.map(([, message]) => message).find((message) => message.includes('NODE_HEARTBEAT')) ?? '';
    expect(mistakes(text.replace('uptime_seconds', 'uptime'))).toEqual(['uptime is not known']);
    expect(mistakes(text.replace('"uptime_seconds": 11', '"uptime_seconds": "11"'))).toHaveLength(1);
    expect(mistakes(text.replace('NODE_HEARTBEAT', 'NODE_HEART'))).toEqual(['NODE_HEART is no message for nodes']);
  });
});
