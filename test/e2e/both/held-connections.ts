import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const REQUEST = [
  'POST /v1/nodes/slow/heartbeat HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  'content-length: 2',
  // Answered as soon as the headers have been read: the registry has the request then.
  'expect: 100-continue',
];

/** Clients whom a server that stops could wait for: one that says nothing, as browsers do, and one in the middle of a request. */
export class HeldConnections {
  private constructor(
    private readonly slow: Socket,
    /** What the one in the middle of a request is told, once the registry has closed its connection. */
    readonly answer: Promise<string>,
  ) {}

  static async open(url: string): Promise<HeldConnections> {
    const { hostname, port } = new URL(url);
    const [silent, slow] = [connect(Number(port), hostname), connect(Number(port), hostname)];
    // They are cut off in the end.
    for (const socket of [silent, slow]) socket.on('error', () => undefined);
    await Promise.all([once(silent, 'connect'), once(slow, 'connect')]);
    slow.write(`${REQUEST.join('\r\n')}\r\n\r\n`);
    await once(slow, 'data');
    return new HeldConnections(slow, textOf(slow));
  }

  /** Sends the rest of the request, and keeps the connection for the next one. */
  finish(): void {
    this.slow.write('{}');
  }
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}
