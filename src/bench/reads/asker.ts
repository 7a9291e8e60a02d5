import type { Duplex } from 'node:stream';

/** A request as it goes over the wire, and what its answer has to hold beside the status 200. */
export type Ask = { readonly bytes: string; readonly holds: string };

export type Asked = {
  /** Milliseconds from the request to the last byte of its answer. */
  answered(milliseconds: number): void;
  failed(why: string): void;
};

const END_OF_HEAD = '\r\n\r\n';
const STATUS_AT = 'HTTP/1.1 '.length;
const LENGTH = /\r\ncontent-length: (\d+)/i;

/**
 * One keep-alive connection that asks, waits for the whole answer, and asks again until it is stopped. It speaks only as much
 * HTTP/1.1 as Fastify answers with (a content length, no chunks): an HTTP client would cost more than the server it measures.
 */
export class Asker {
  private asking: Ask;
  private since = 0;
  private received: Buffer[] = [];
  private bytes = 0;
  /** Of the answer in hand, head included; undefined until its head is there. */
  private wanted: number | undefined;
  private isStopping = false;
  /** Resolves once the answer in hand is there after {@link stop}, or the connection is gone. */
  readonly ended: Promise<void>;

  constructor(
    private readonly socket: Duplex,
    private readonly next: () => Ask,
    private readonly asked: Asked,
  ) {
    this.asking = next();
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => asked.failed(error.message));
    socket.on('end', () => asked.failed('the server closed the connection'));
    this.ask();
  }

  stop(): void {
    this.isStopping = true;
  }

  private ask(): void {
    if (this.isStopping) {
      this.socket.destroy();
      return;
    }
    this.since = performance.now();
    this.socket.write(this.asking.bytes, 'latin1');
  }

  private take(chunk: Buffer): void {
    this.received.push(chunk);
    this.bytes += chunk.length;
    this.wanted ??= this.readHead();
    if (this.wanted !== undefined && this.bytes >= this.wanted) this.finish();
  }

  private readHead(): number | undefined {
    const whole = this.whole();
    this.received = [whole];
    const head = whole.indexOf(END_OF_HEAD);
    if (head < 0) return undefined;
    const length = LENGTH.exec(whole.toString('latin1', 0, head))?.[1];
    if (length !== undefined) return head + END_OF_HEAD.length + Number(length);
    this.asked.failed('an answer without content-length');
    this.socket.destroy();
    return undefined;
  }

  private finish(): void {
    const answer = this.whole();
    this.received = [];
    this.bytes = 0;
    this.wanted = undefined;
    if (answer.toString('latin1', STATUS_AT, STATUS_AT + 3) === '200' && answer.includes(this.asking.holds)) {
      this.asked.answered(performance.now() - this.since);
    } else {
      this.asked.failed(`${this.asking.bytes} was answered with ${answer.toString('latin1', 0, 1000)}`);
    }
    this.asking = this.next();
    this.ask();
  }

  private whole(): Buffer {
    const [first, ...others] = this.received;
    return first !== undefined && others.length === 0 ? first : Buffer.concat(this.received);
  }
}
