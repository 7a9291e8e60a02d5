import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { LOG, type Log } from '../../../runtime/index.js';
import { API_OPTIONS, type ApiOptions } from '../../options.js';
import { ADMIT, type Admit } from './admission.js';
import { createOperations, type Operations } from './operations.js';
import { CLOSE, SUBPROTOCOL, type CloseReason } from './protocol.js';
import { SocketConnection } from './socket-connection.js';

/** WebSocket clients of this process. */
const MAX_SOCKETS = 1000;

/** GraphQL over WebSocket, as graphql-transport-ws has it. */
@Injectable()
export class Sockets implements BeforeApplicationShutdown {
  private readonly connections = new Set<SocketConnection>();
  private readonly operations: Operations;
  private isStopping = false;

  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(ADMIT) private readonly admit: Admit,
    @Inject(API_OPTIONS) { production }: ApiOptions,
  ) {
    this.operations = createOperations(log, production);
  }

  /** Takes a socket that was opened at the path of GraphQL; the hooks of its route have run. */
  accept(socket: WebSocket, request: FastifyRequest): void {
    const refusal = this.refusalOf(socket);
    if (refusal !== null) {
      // What it says until it has taken leave is nobody's.
      socket.on('error', () => socket.terminate());
      const [code, text] = CLOSE[refusal];
      return socket.close(code, text);
    }
    const { operations, admit, log } = this;
    const closed = (connection: SocketConnection): void => void this.connections.delete(connection);
    this.connections.add(new SocketConnection(socket, request, { operations, admit, log, closed }));
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
    for (const connection of [...this.connections]) connection.close('goingAway');
  }

  private refusalOf(socket: WebSocket): CloseReason | null {
    if (this.isStopping) return 'goingAway';
    if (this.connections.size >= MAX_SOCKETS) return 'tryAgainLater';
    return socket.protocol === SUBPROTOCOL ? null : 'badSubprotocol';
  }
}
