import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Engine } from './engine.js';
import { endsSession, greetingOf, MessageBuffer, queryMessage } from './wire.js';

const NO_ENCRYPTION = 'N';
const ROLLBACK = queryMessage('rollback');

type Phase = 'greeting' | 'talking' | 'over';

/**
 * Gives the engine's one session to one client after the other, over a Unix socket. A client that comes while another is
 * connected waits until that one has gone, and finds nothing of it: no transaction, no prepared statement, no lock, no
 * setting. pglite-socket, made for this, leaves all but the transaction behind, and turns away whoever comes a moment early.
 */
export class SessionServer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private turn: Promise<void> = Promise.resolve();
  private isClosing = false;

  constructor(
    private readonly engine: Engine,
    private readonly path: string,
    private readonly log: Log,
  ) {
    this.server = createServer((socket) => this.admit(socket));
  }

  async listen(): Promise<void> {
    // We hold the claim on the folder, so whoever left it is gone.
    rmSync(this.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.path, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** Clients that are still there are disconnected, and what they have not committed is rolled back. */
  async close(): Promise<void> {
    this.isClosing = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    await this.turn;
  }

  private admit(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    // What breaks while it waits is seen when its turn comes.
    socket.on('error', (error) => this.log.debug({ error: errorText(error) }, 'a client of the database broke off'));
    socket.pause();
    this.turn = this.turn.then(() => this.serve(socket));
  }

  private async serve(socket: Socket): Promise<void> {
    if (isGone(socket) || this.isClosing) return;
    try {
      await this.converse(socket);
    } catch (error) {
      if (!isGone(socket)) this.log.warn({ error: errorText(error) }, 'a session of the embedded database failed');
    } finally {
      socket.destroy();
    }
    await this.reset();
  }

  private async converse(socket: Socket): Promise<void> {
    const buffer = new MessageBuffer();
    let phase: Phase = 'greeting';
    for await (const chunk of socket) {
      buffer.push(chunk as Buffer);
      if (phase === 'greeting') phase = await this.greet(socket, buffer);
      if (phase === 'over') return;
      const messages = phase === 'talking' ? buffer.takeMessages() : null;
      if (messages === null) continue;
      const answer = await this.engine.send(messages);
      if (answer.length > 0) socket.write(answer);
      if (endsSession(messages)) return;
    }
  }

  private async greet(socket: Socket, buffer: MessageBuffer): Promise<Phase> {
    for (let greeting = buffer.takeGreeting(); greeting !== null; greeting = buffer.takeGreeting()) {
      switch (greetingOf(greeting)) {
        case 'encryption':
          socket.write(NO_ENCRYPTION);
          break;
        case 'startup':
          socket.write(await this.engine.send(greeting));
          return 'talking';
        case 'other':
          // A request to cancel: statements run in this very thread, there is none to be cancelled.
          return 'over';
      }
    }
    return 'greeting';
  }

  private async reset(): Promise<void> {
    try {
      if (this.engine.isInTransaction) await this.engine.send(ROLLBACK);
      await this.engine.run('discard all');
    } catch (error) {
      this.log.error({ error: errorText(error) }, 'the session of a client that has gone could not be cleared');
    }
  }
}

function isGone(socket: Socket): boolean {
  return socket.destroyed;
}
