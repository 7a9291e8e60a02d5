import { connect as connectPlain, isIP, Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * As kafkajs opens its sockets, but for one thing. While a broker is away it lets go of its dead sockets again with every attempt to
 * connect, by `unref()`, and Node adds a listener each time for when that socket connects, which it never will: after eleven attempts it
 * warns of a leak, on standard error.
 */
export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // What it really is: whatever was given as `ssl`, which may be nothing.
  const tls = ssl as ConnectionOptions | boolean | null | undefined;
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket =
    tls == null || tls === false
      ? connectPlain({ host, port }, onConnect)
      : connectTls({ host, port, ...servername, ...(tls === true ? {} : tls) }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  socket.unref = () => (socket.destroyed ? socket : Socket.prototype.unref.call(socket));
  return socket;
};
