import { connect, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { addressOf } from '../support/stack.js';

const CLOSED_PORT = 1;

/** A client of the real Kafka whose line can be cut, while everybody else's holds. */
export class KafkaLine {
  readonly kafka: Kafka;
  private readonly sockets = new Set<Socket>();
  private state: 'open' | 'cut' | 'mute' = 'open';

  constructor() {
    this.kafka = new Kafka({
      brokers: addressOf('kafka').split(','),
      connectionTimeout: 30_000,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 3 },
      socketFactory: ({ host, port, onConnect }) => this.open(host, port, onConnect),
    });
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** Connections break, and are refused from now on. */
  cut(): void {
    this.state = 'cut';
    // kafkajs hears of an error or of the other side's end, not of a mere close.
    for (const socket of this.sockets) socket.destroy(new Error('the test cut the line'));
  }

  /** Connections hold, and nothing is answered. */
  mute(): void {
    this.state = 'mute';
    for (const socket of this.sockets) socket.pause();
  }

  mend(): void {
    this.state = 'open';
    for (const socket of this.sockets) socket.resume();
  }

  private open(host: string, port: number, onConnect: () => void): Socket {
    const socket = connect({ host, port: this.state === 'cut' ? CLOSED_PORT : port }, onConnect);
    if (this.state === 'mute') socket.pause();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  }
}
