import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SseParser } from '../../src/client/http/sse-parser.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const all = (text: string) => new SseParser().push(bytes(text));

describe('the parser of server-sent events', () => {
  it.each([
    ['data: a\n\n', [{ kind: 'event', type: 'message', data: 'a' }]],
    ['event: T\ndata: a\ndata:b\ndata:  c\n\n', [{ kind: 'event', type: 'T', data: 'a\nb\n c' }]],
    ['event: T\n\ndata: a\n\n', [{ kind: 'event', type: 'message', data: 'a' }]],
    ['data\n\n', [{ kind: 'event', type: 'message', data: '' }]],
    [
      ': hello\n\n:\n',
      [
        { kind: 'comment', text: 'hello' },
        { kind: 'comment', text: '' },
      ],
    ],
    ['data: a\r\n\r\ndata: b\r\rx', [{ kind: 'event', type: 'message', data: 'a' }, { kind: 'event', type: 'message', data: 'b' }]], // prettier-ignore
    ['\ufeffdata: a\n\n', [{ kind: 'event', type: 'message', data: 'a' }]],
    ['nonsense: a\n\n', []],
    ['data: incomplete', []],
  ])('reads %j', (text, items) => {
    expect(all(text)).toEqual(items);
  });

  it('knows its position only when the event is complete', () => {
    const sut = new SseParser('1.0');
    sut.push(bytes('id: 2.0\ndata: a\n'));
    expect(sut.lastEventId).toBe('1.0');
    sut.push(bytes('\n'));
    expect(sut.lastEventId).toBe('2.0');
    sut.push(bytes('data: b\n\n'));
    expect(sut.lastEventId).toBe('2.0');
  });

  it('takes a position without an event, and the time to wait', () => {
    const sut = new SseParser();
    expect(sut.push(bytes('retry: 2000\n\nid: 7.0\n\nretry: soon\n'))).toEqual([]);
    expect([sut.lastEventId, sut.retryMs]).toEqual(['7.0', 2000]);
  });

  it('reads the same whatever the pieces are', () => {
    const text = ': c\r\nid: 1.0\r\nevent: T\r\ndata: ä€😀\r\n\r\ndata: b\ndata: c\n\nid: 2.0\rdata: d\r\r:\n';
    const whole = all(text);
    expect(whole).toHaveLength(5);
    const cuts = fc.array(fc.integer({ min: 0, max: bytes(text).length }), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, (places) => {
        const sut = new SseParser();
        const ends = [...places.sort((a, b) => a - b), bytes(text).length];
        let from = 0;
        const items = ends.flatMap((end) => sut.push(bytes(text).slice(from, (from = end))));
        expect(items).toEqual(whole);
      }),
    );
  });

  it('gives up a line that has no end', () => {
    const sut = new SseParser();
    const piece = bytes('x'.repeat(1024 * 1024));
    expect(() => {
      for (let n = 0; n < 9; n += 1) sut.push(piece);
    }).toThrow(/event stream/);
  });
});
