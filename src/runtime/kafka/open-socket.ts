import { connect, isIP, Socket } from 'node:net';
import { connect as connectByTls, type ConnectionOptions } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * As kafkajs opens its sockets, but for two things. While a broker is away it lets go of its dead sockets again with every attempt to
 * connect, by `unref()`, and Node adds a listener each time for when that socket connects, which it never will: after eleven attempts it
 * warns of a leak, on standard error. And what TLS is made with is asked for with each connection, as certificates are renewed.
 */
export function socketFactory(tls: (() => ConnectionOptions) | null): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const socket =
      tls === null
        ? connect({ host, port }, onConnect)
        : connectByTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls() }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.unref = () => (socket.destroyed ? socket : Socket.prototype.unref.call(socket));
    return socket;
  };
}

/** Without TLS. */
export const openSocket: ISocketFactory = socketFactory(null);
