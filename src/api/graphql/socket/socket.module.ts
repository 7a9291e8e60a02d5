import { Inject, Module, type DynamicModule, type NestModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { API_OPTIONS, type ApiOptions } from '../../options.js';
import { GRAPHQL_PATH } from '../graphql-options.js';
import { AccessControl } from '../../access/access-control.js';
import { ADMIT, admitBy } from './admission.js';
import { Sockets } from './sockets.js';

/**
 * Mercurius opens the sockets, as a route with hooks like any other, and we speak on them: its own side of the protocol validates nothing
 * that is subscribed to, has no limits, and takes headers for the request from whatever a client sends.
 */
@Module({})
export class SocketModule implements NestModule {
  static register(options: ApiOptions): DynamicModule {
    return {
      module: SocketModule,
      providers: [
        Sockets,
        { provide: API_OPTIONS, useValue: options },
        { provide: ADMIT, inject: [AccessControl], useFactory: admitBy },
      ],
    };
  }

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Sockets) private readonly sockets: Sockets,
  ) {}

  /** Called before the routes are registered. */
  configure(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onRoute', (route: { readonly url: string; wsHandler?: unknown }) => {
      if (route.url !== GRAPHQL_PATH || route.wsHandler === undefined) return;
      route.wsHandler = (socket: WebSocket, request: FastifyRequest) => this.sockets.accept(socket, request);
    });
    // Answered, and so not taken: the HTTP server does not know the connection any more, and would never close it.
    server.addHook('onResponse', ({ raw }, _reply, done) => {
      if ((raw as { readonly upgrade?: unknown }).upgrade === true) raw.socket.destroySoon();
      done();
    });
  }
}
