import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { StateUnavailable } from '../read/query.js';

/** What Consul refuses, it refuses with a line of plain text; its clients look at no problem document. */
export class ConsulRefusal extends Error {
  override readonly name = 'ConsulRefusal';
  readonly status = 400;
}

@Catch(ConsulRefusal, StateUnavailable)
export class ConsulRefusalFilter implements ExceptionFilter {
  catch(error: ConsulRefusal | StateUnavailable, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    const status = error instanceof ConsulRefusal ? error.status : 503;
    const text =
      error instanceof ConsulRefusal ? error.message : 'The state database, which holds the catalog, is away';
    void reply.code(status).type('text/plain; charset=utf-8').send(text);
  }
}
