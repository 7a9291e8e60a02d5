import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { KafkaFrames } from './kafka-frames.js';

/** `open`: everything goes by. The others are faults of the same names: see `faults/fault.ts`. */
export type DoorMode = 'open' | 'refuse' | 'black-hole' | { readonly delayMs: number };

export type DoorOptions = {
  readonly port: number;
  /** The server behind it, on 127.0.0.1. */
  readonly serverPort: number;
  readonly speaksKafka: boolean;
};

/** Between one replica and one server: a TCP proxy that can fail in every way in which a network does. */
export class Door {
  private mode: DoorMode = 'open';
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  /** What waits for the hole to close. */
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: DoorOptions) {}

  async open(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (inner) => {
      this.take(inner);
      this.whenOpen(() => this.pass(inner));
    });
    this.server = server;
    server.listen(this.options.port, '127.0.0.1');
    await once(server, 'listening');
  }

  async set(mode: DoorMode): Promise<void> {
    this.mode = mode;
    if (mode === 'refuse') return this.close();
    if (mode === 'black-hole') return;
    for (const goOn of [...this.waiting]) {
      this.waiting.delete(goOn);
      goOn();
    }
    if (this.server === undefined) await this.open();
  }

  /** Breaks every connection; new ones are taken. */
  cut(): void {
    for (const socket of [...this.sockets]) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    this.waiting.clear();
    this.cut();
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private whenOpen(goOn: () => void): void {
    if (this.mode === 'black-hole') this.waiting.add(goOn);
    else goOn();
  }

  private pass(inner: Socket): void {
    if (inner.destroyed) return; // it was cut while it waited
    const { serverPort, port, speaksKafka } = this.options;
    const outer = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true });
    const frames = speaksKafka ? new KafkaFrames(serverPort, port) : undefined;
    this.take(outer);
    this.join(inner, outer, frames && ((chunk) => frames.request(chunk)));
    this.join(outer, inner, frames && ((chunk) => frames.response(chunk)));
  }

  private take(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    // What broke is told by the close that follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }

  private join(from: Socket, to: Socket, changed: (chunk: Buffer) => Buffer = (chunk) => chunk): void {
    from.on('data', (chunk: Buffer) => {
      from.pause();
      this.afterDelay(() =>
        this.whenOpen(() => {
          const bytes = changed(chunk);
          if (to.destroyed) return;
          if (bytes.length === 0 || to.write(bytes)) from.resume();
          else to.once('drain', () => from.resume());
        }),
      );
    });
    from.on('end', () => this.whenOpen(() => to.end()));
    from.on('close', () => this.whenOpen(() => to.destroy()));
  }

  private afterDelay(work: () => void): void {
    if (typeof this.mode === 'object') setTimeout(work, this.mode.delayMs);
    else work();
  }
}
