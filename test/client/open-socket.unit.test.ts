import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSocket } from '../../src/client/kafka/open-socket.js';

/** Nobody listens there. */
const DEAD = { host: '127.0.0.1', port: 1 };
const RELEASES = 20;

/** Listeners that it has after it was dead and let go of, again and again. */
async function listenersOf(socket: Socket): Promise<number> {
  await closed(socket);
  for (let n = 0; n < RELEASES; n += 1) socket.unref();
  return socket.listenerCount('connect');
}

function closed(socket: Socket): Promise<unknown> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', resolve));
}

describe('a socket to Kafka', () => {
  const server = createServer((socket) => socket.destroy());
  let port: number;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  function opened(ssl?: ConnectionOptions | boolean): Socket {
    // kafkajs types it as always there.
    return openSocket({ host: '127.0.0.1', port, ssl: ssl as ConnectionOptions, onConnect: () => undefined });
  }

  it('gathers no listeners when it is dead and let go of, as a plain one does', async () => {
    expect(await listenersOf(connect(DEAD))).toBeGreaterThanOrEqual(RELEASES);
    const ours = openSocket({ ...DEAD, ssl: undefined as never, onConnect: () => undefined });
    expect(await listenersOf(ours)).toBeLessThan(RELEASES);
  });

  it.each([
    ['is plain', undefined, false],
    ['is plain', false, false],
    ['has TLS', true, true],
    ['has TLS', { rejectUnauthorized: false }, true],
  ])('%s with %j', async (_, ssl, isTls) => {
    const socket = opened(ssl);
    expect(socket instanceof TLSSocket).toBe(isTls);
    await closed(socket);
  });
});
