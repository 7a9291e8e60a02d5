import { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Asker, type Ask } from '../../src/bench/reads/asker.js';

const ASK: Ask = { bytes: 'GET /a HTTP/1.1\r\n\r\n', holds: 'node-1' };

function answer(body: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Gives each answer, in its parts, to one request, and stops after the last. Tells how many were taken, and what failed. */
async function asked(answers: readonly (readonly string[])[]) {
  const failures: string[] = [];
  let answered = 0;
  let requests = 0;
  const socket = new Duplex({
    read: () => undefined,
    write(_bytes, _encoding, done) {
      const parts = answers[requests] ?? [];
      requests += 1;
      // When the asker is there: it asks as soon as it is made.
      setImmediate(() => {
        if (requests === answers.length) asker.stop();
        for (const part of parts) socket.push(part);
      });
      done();
    },
  });
  const asker = new Asker(socket, () => ASK, {
    answered: () => (answered += 1),
    failed: (why) => failures.push(why),
  });
  await asker.ended;
  return { answered, failures };
}

describe('a connection that asks', () => {
  it('takes answers whole, in parts, and with a head in two', async () => {
    const long = answer(`node-1${'x'.repeat(1000)}`);
    const short = answer('node-1');
    const answers = [
      [short],
      [long.slice(0, 100), long.slice(100, 500), long.slice(500)],
      [short.slice(0, 20), short.slice(20)],
      [short.slice(0, 1), short.slice(1, 70), short.slice(70)],
      [short],
    ];
    expect(await asked(answers)).toEqual({ answered: 5, failures: [] });
  });

  it.each([
    ['another status', answer('node-1').replace('200', '503')],
    ['another node', answer('node-2')],
    ['an answer without length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
  ])('does not count %s', async (_what, text) => {
    const { answered, failures } = await asked([[text]]);
    expect([answered, failures.length]).toEqual([0, 1]);
  });
});
