import { connect, Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * As kafkajs opens its sockets, but for one thing. While a broker is away it lets go of its dead sockets again with every attempt to
 * connect, by `unref()`, and Node adds a listener each time for when that socket connects, which it never will: after eleven attempts it
 * warns of a leak, on standard error.
 */
export const openSocket: ISocketFactory = ({ host, port, onConnect }) => {
  const socket = connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  socket.unref = () => (socket.destroyed ? socket : Socket.prototype.unref.call(socket));
  return socket;
};
