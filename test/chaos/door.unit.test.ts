import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Door } from '../../src/chaos/world/door.js';
import { freePorts } from '../../src/chaos/world/ports.js';

/** A server that answers every piece of text with the same in capitals. */
async function shouting(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a door', () => {
  let server: Server;
  let door: Door;
  let port: number;
  const clients: Socket[] = [];

  beforeEach(async () => {
    server = await shouting();
    port = await freePorts(1);
    door = new Door({ port, serverPort: (server.address() as AddressInfo).port, speaksKafka: false });
    await door.open();
  });

  afterEach(async () => {
    for (const socket of clients.splice(0)) socket.destroy();
    await door.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function client(): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    clients.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** Broken off, which is an error to Node, or closed. */
  function ended(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    return new Promise((resolve) => socket.on('close', () => resolve()));
  }

  async function answer(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString();
  }

  it('lets everything by', async () => {
    const socket = await client();
    expect(await answer(socket, 'one')).toBe('ONE');
    expect(await answer(socket, 'two')).toBe('TWO');
  });

  it('breaks what is connected, and takes new connections', async () => {
    const socket = await client();
    await answer(socket, 'one');
    const broken = ended(socket);
    door.cut();
    await broken;
    expect(await answer(await client(), 'two')).toBe('TWO');
  });

  it('refuses, until it opens again on the same port', async () => {
    const socket = await client();
    await answer(socket, 'one');
    const broken = ended(socket);
    await door.set('refuse');
    await broken;
    const refused = connect(port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    await door.set('open');
    expect(await answer(await client(), 'two')).toBe('TWO');
  });

  it('swallows nothing for good: what came while nothing went by goes by afterwards, in order', async () => {
    const before = await client();
    await answer(before, 'one');
    await door.set('black-hole');
    let heard = '';
    before.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    before.write('two');
    const during = await client(); // the system takes it, and nobody answers
    const answered = answer(during, 'three');
    // One that goes another way round is answered: whatever could go by has gone by then.
    const around = connect((server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(around);
    expect(await answer(around, 'around')).toBe('AROUND');
    expect(heard).toBe('');
    await door.set('open');
    expect(await answered).toBe('THREE');
    while (heard === '') await once(before, 'data');
    expect(await answer(before, 'four')).toBe('FOUR');
    expect(heard).toBe('TWOFOUR');
  });

  it('closes with whatever waits before it', async () => {
    const before = await client();
    await answer(before, 'one');
    await door.set('black-hole');
    const gone = Promise.all([before, await client()].map(ended));
    await door.close();
    await gone;
  });

  it('delays what goes by, without changing its order', async () => {
    const socket = await client();
    await door.set({ delayMs: 5 });
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    socket.write('one');
    socket.write('two');
    while (heard.length < 6) await once(socket, 'data');
    expect(heard).toBe('ONETWO');
  });
});
