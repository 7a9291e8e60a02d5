import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorText } from '../../messages/index.js';
import type { Log } from '../../runtime/index.js';
import { Problem, PROBLEM_CONTENT_TYPE, problemHeaders } from './problem.js';
import { problemOf } from './problem-of.js';

/** The one place where errors become answers: problem documents over HTTP; GraphQL formats them itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() === 'http') {
      const http = host.switchToHttp();
      this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
      return;
    }
    const problem = problemOf(error);
    logUnexpected(this.log, problem, error, undefined);
    // GraphQL takes it from here (graphql/format-error.ts).
    throw problem;
  }

  /** The same for what failed before Nest was asked: a body that cannot be read, or a hook. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error);
    logUnexpected(this.log, problem, error, request);
    sendProblem(reply, problem);
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (reply.sent) return;
  reply.request.problem = problem.type;
  void reply
    .code(problem.status)
    .headers(problemHeaders(problem))
    .type(PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problem.document));
}

function logUnexpected(log: Log, problem: Problem, error: unknown, request: FastifyRequest | undefined): void {
  if (problem.type !== 'internal') return;
  const where = request === undefined ? 'graphql' : `${request.method} ${request.routeOptions.url ?? request.url}`;
  const stack = error instanceof Error ? errorText(error.stack ?? '', 4000) : undefined;
  log.error({ where, error: errorText(error), stack }, 'a request failed unexpectedly');
}
