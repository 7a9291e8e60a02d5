import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { openSocket } from '../../src/runtime/kafka/open-socket.js';

describe('a socket to a broker', () => {
  it('connects, and says so', async () => {
    const server = createServer((peer) => peer.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      const socket = openSocket({ host: '127.0.0.1', port, ssl: {}, onConnect: resolve });
      socket.on('data', () => undefined).on('end', () => socket.destroy());
    });
    server.close();
    await once(server, 'close');
  });

  it('gathers no listeners however often kafkajs lets go of it when it is dead', async () => {
    const socket = openSocket({ host: '127.0.0.1', port: 1, ssl: {}, onConnect: () => undefined });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    await closed;
    const before = socket.listenerCount('connect');
    for (let attempt = 0; attempt < 20; attempt += 1) {
      socket.end();
      socket.unref();
    }
    expect(socket.listenerCount('connect')).toBe(before);
  });
});
