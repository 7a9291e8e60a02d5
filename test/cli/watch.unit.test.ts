import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../../src/cli/exit.js';
import { answering, NOBODY, problem, type Reply } from './fake-registry.js';
import { jsonLines, run } from './fake-terminal.js';

function frame(number: number, eventType = 'NODE_BECAME_ACTIVE'): string {
  const payload = { node_id: `n${number}`, attempt_id: 'a', capabilities: {} };
  const envelope = { event_id: `e${number}`, event_type: eventType, event_timestamp: 'then', payload };
  return `id: c${number}\nevent: ${eventType}\ndata: ${JSON.stringify(envelope)}\n\n`;
}

/** A stream that says this in these pieces, and then ends, breaks or goes on. */
function stream(pieces: readonly string[], end: 'end' | 'break' | 'open'): Reply {
  return (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1\n\n: up to date\n\n');
    for (const piece of pieces) response.write(piece);
    if (end === 'end') response.end();
    // Once what was written is on its way.
    if (end === 'break') setImmediate(() => setImmediate(() => response.destroy()));
  };
}

describe('nodes watch', () => {
  it('asks for what is wanted, and tells each event with its position', async () => {
    const { url, asked } = await answering(stream([frame(1) + frame(2, 'NODE_DEREGISTERED')], 'open'));
    const wanted = [
      'n1',
      '--event',
      'NODE_BECAME_ACTIVE',
      '--event',
      'NODE_DEREGISTERED',
      '--from',
      'c0',
      '--count',
      '2',
    ];
    const { code, out } = await run(['nodes', 'watch', ...wanted, '--json', '--url', url, '--token', 't']);
    expect(code).toBe(EXIT.ok);
    expect(asked[0]).toMatchObject({
      url: '/v1/events?nodeId=n1&eventType=NODE_BECAME_ACTIVE&eventType=NODE_DEREGISTERED',
      headers: { accept: 'text/event-stream', 'last-event-id': 'c0', authorization: 'Bearer t' },
    });
    expect(jsonLines(out)).toEqual([
      { cursor: 'c1', event: expect.objectContaining({ event_id: 'e1' }) },
      { cursor: 'c2', event: expect.objectContaining({ event_id: 'e2', event_type: 'NODE_DEREGISTERED' }) },
    ]);
  });

  it.each(['end', 'break'] as const)('goes on where it was when the stream comes to an %s', async (end) => {
    const half = frame(3).slice(0, 20);
    const { url, asked } = await answering(
      stream([frame(1), frame(2), half], end),
      problem(503, 'too-many-streams'),
      stream([frame(3)], 'open'),
    );
    const { code, out, err } = await run(['nodes', 'watch', '--count', '3', '--url', url]);
    expect(code).toBe(EXIT.ok);
    expect(out.split('\n').map((line) => line.split(/\s+/).slice(0, 4))).toEqual([
      ['then', 'NODE_BECAME_ACTIVE', 'n1', 'attempt_id=a'],
      ['then', 'NODE_BECAME_ACTIVE', 'n2', 'attempt_id=a'],
      ['then', 'NODE_BECAME_ACTIVE', 'n3', 'attempt_id=a'],
      [''],
    ]);
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'c2', 'c2']);
    expect(err.match(/the registry is away/g)).toHaveLength(2);
  });

  it('ends by Ctrl-C; with --count that is too early', async () => {
    for (const [more, code] of [
      [[], EXIT.ok],
      [['--count', '2'], EXIT.unfinished],
    ] as const) {
      const interrupt = new AbortController();
      const { url } = await answering(stream([frame(1)], 'open'));
      const given = { interrupt: interrupt.signal, hear: () => interrupt.abort() };
      expect(await run(['nodes', 'watch', ...more, '--url', url], given)).toMatchObject({ code, err: '' });
    }
  });

  it.each<[string, readonly Reply[], number]>([
    ['there is no such stream', [problem(404, 'route-not-found')], EXIT.refused],
    ['the filter is wrong', [problem(400, 'validation')], EXIT.refused],
    ['the token is wrong', [problem(401, 'unauthenticated')], EXIT.unauthorised],
    ['it has no room', [problem(503, 'too-many-streams')], EXIT.unavailable],
    ['the token is wrong by now', [stream([frame(1)], 'end'), problem(401, 'unauthenticated')], EXIT.unauthorised],
  ])('ends when %s', async (_name, replies, code) => {
    const { url } = await answering(...replies);
    expect((await run(['nodes', 'watch', '--url', url])).code).toBe(code);
  });

  it('ends when no registry is there at first', async () => {
    expect((await run(['nodes', 'watch', '--url', NOBODY])).code).toBe(EXIT.unavailable);
  });
});
