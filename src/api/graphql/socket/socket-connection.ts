import type { FastifyRequest } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import { errorText } from '../../../messages/index.js';
import type { Log } from '../../../runtime/index.js';
import { Problem } from '../../http/problem.js';
import type { Admit } from './admission.js';
import type { Answers, Operations } from './operations.js';
import { clientMessageOf, CLOSE, SUBSCRIBER_EXISTS, type CloseReason, type ServerMessage, type Subscribe } from './protocol.js'; // prettier-ignore

/** Operations of one connection at once. */
const MAX_OPERATIONS = 16;
/** A message of a client: a query and its variables. Bytes. */
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_MESSAGES_PER_SECOND = 50;
/** From its opening until it has said `connection_init`. */
const INIT_WITHIN_MS = 5000;
/** A client that does not answer the ping before this one is gone. */
const PING_EVERY_MS = 15_000;
/** To take leave; then the connection is cut. */
const CLOSE_WITHIN_MS = 1000;
/** The longest that a timer of Node can wait. */
const MAX_TIMER_MS = 2_147_483_647;

export type SocketParts = {
  readonly operations: Operations;
  readonly admit: Admit;
  readonly log: Log;
  readonly closed: (connection: SocketConnection) => void;
};

/**
 * One client over graphql-transport-ws. *Opened*: waits for `connection_init`. *Admitted*: runs operations, each of which sends its next
 * answer when the one before has been taken by the connection. *Closed*: by the client, by a breach of the protocol, or when the server stops.
 */
export class SocketConnection {
  private context: Readonly<Record<string, unknown>> | undefined;
  private isInitialised = false;
  private isClosed = false;
  private isAlive = true;
  private messages = 0;
  private second = 0;
  /** By their ids; null while one is being started. */
  private readonly operations = new Map<string, Answers | null>();
  private readonly initTimer: NodeJS.Timeout;
  private readonly pinging: NodeJS.Timeout;
  private expiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly request: FastifyRequest,
    private readonly parts: SocketParts,
  ) {
    socket.on('message', (data: RawData, isBinary: boolean) => this.hear(data as Buffer, isBinary));
    socket.on('pong', () => (this.isAlive = true));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.end());
    this.initTimer = setTimeout(() => this.close('initTimeout'), INIT_WITHIN_MS);
    this.pinging = setInterval(() => this.ping(), PING_EVERY_MS);
  }

  close(reason: CloseReason): void {
    const [code, text] = CLOSE[reason];
    this.closeWith(code, text);
  }

  private closeWith(code: number, text: string): void {
    this.end();
    this.socket.close(code, text);
    setTimeout(() => this.socket.terminate(), CLOSE_WITHIN_MS).unref();
  }

  private end(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.initTimer);
    clearInterval(this.pinging);
    clearTimeout(this.expiry);
    for (const answers of this.operations.values()) void answers?.return?.();
    this.operations.clear();
    this.parts.closed(this);
  }

  private ping(): void {
    if (!this.isAlive) return this.socket.terminate();
    this.isAlive = false;
    this.socket.ping();
  }

  private hear(data: Buffer, isBinary: boolean): void {
    if (this.isClosed) return;
    if (data.length > MAX_MESSAGE_BYTES) return this.close('tooBig');
    if (this.isTooFast()) return this.close('policy');
    const message = isBinary ? null : clientMessageOf(data.toString());
    switch (message?.type) {
      case undefined:
        return this.close('badMessage');
      case 'connection_init':
        return void this.initialise(message.payload ?? {});
      case 'ping':
        return void this.send({ type: 'pong' });
      case 'pong':
        return;
      case 'complete':
        return this.complete(message.id);
      case 'subscribe':
        if (this.context === undefined) return this.close('unauthorized');
        if (this.operations.has(message.id)) {
          return this.closeWith(SUBSCRIBER_EXISTS, `Subscriber for ${message.id.slice(0, 64)} already exists`);
        }
        return void this.operate(message.id, this.context, message.payload);
    }
  }

  private isTooFast(): boolean {
    const second = Math.floor(performance.now() / 1000);
    this.messages = second === this.second ? this.messages + 1 : 1;
    this.second = second;
    return this.messages > MAX_MESSAGES_PER_SECOND;
  }

  private async initialise(payload: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.isInitialised) return this.close('doubleInit');
    this.isInitialised = true;
    clearTimeout(this.initTimer);
    try {
      const { context, until } = await this.parts.admit(this.request, payload);
      if (this.isClosed) return;
      this.context = context;
      // Whoever comes again shows what is good then.
      if (until !== null) this.expiry = setTimeout(() => this.close('unauthorized'), lengthOf(until - Date.now()));
      await this.send({ type: 'connection_ack' });
    } catch (error) {
      this.parts.log.debug({ error: errorText(error) }, 'a WebSocket client was not admitted');
      this.close(refusalOf(error));
    }
  }

  private async operate(id: string, context: Readonly<Record<string, unknown>>, asked: Subscribe): Promise<void> {
    if (this.operations.size >= MAX_OPERATIONS) {
      const message = `This connection has ${MAX_OPERATIONS} operations, and takes no more`;
      return this.send({ type: 'error', id, payload: [{ message }] });
    }
    this.operations.set(id, null);
    try {
      const answers = await this.parts.operations.start(this.request, context, asked);
      // Completed by the client, or closed, while it was being started.
      if (!this.operations.has(id)) return void answers.return?.();
      this.operations.set(id, answers);
      for await (const result of answers) {
        if (this.operations.get(id) !== answers) return;
        await this.send({ type: 'next', id, payload: this.parts.operations.formatted(result) });
      }
      if (this.operations.get(id) !== answers) return;
      this.operations.delete(id);
      await this.send({ type: 'complete', id });
    } catch (error) {
      if (!this.operations.delete(id)) return;
      await this.send({ type: 'error', id, payload: this.parts.operations.errorsOf(error) });
    }
  }

  private complete(id: string): void {
    const answers = this.operations.get(id);
    this.operations.delete(id);
    void answers?.return?.();
  }

  /** Resolves once the connection has taken it: what an operation has to say next waits for that. */
  private send(message: ServerMessage): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) resolve();
      else this.socket.send(JSON.stringify(message), () => resolve());
    });
  }
}

function lengthOf(ms: number): number {
  return Math.max(0, Math.min(ms, MAX_TIMER_MS));
}

function refusalOf(error: unknown): CloseReason {
  if (!(error instanceof Problem)) return 'internal';
  return error.status === 401 ? 'unauthorized' : error.status === 403 ? 'forbidden' : 'tryAgainLater';
}
