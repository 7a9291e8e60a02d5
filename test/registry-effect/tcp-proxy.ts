import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type TcpProxy = {
  readonly port: number;
  /** Bytes stop, connections stay: a server that hangs. */
  readonly freeze: () => void;
  /** Connections are cut and new ones refused by a cut: a server that is gone. */
  readonly cut: () => void;
  readonly restore: () => void;
  readonly close: () => Promise<void>;
};

/** Stands between a client and a real server, and takes the server away when told so. */
export async function tcpProxy(host: string, port: number): Promise<TcpProxy> {
  let mode: 'open' | 'frozen' | 'cut' = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    if (mode === 'cut') return void inner.destroy();
    const outer = connect(port, host);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      const other = socket === inner ? outer : inner;
      socket.on('data', (data) => mode === 'open' && other.write(data));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cutAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => (mode = 'frozen'),
    cut: () => {
      mode = 'cut';
      cutAll();
    },
    restore: () => (mode = 'open'),
    close: () => {
      cutAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
