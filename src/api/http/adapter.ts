import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { Problem, PROBLEM_CONTENT_TYPE } from './problem.js';
import { sendProblem } from './problem-filter.js';
import { problemOf } from './problem-of.js';
import { setSecurityHeaders } from './security-headers.js';

/** As large as a message on Kafka may be. */
const BODY_LIMIT = 256 * 1024;
/** Ids have at most 255 characters; longer ones shall reach our own check, which names the field. Node limits the line. */
const MAX_PARAM_LENGTH = 16 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** Connections at once, those that wait for events or for the catalog included; further ones are closed as they come. */
const MAX_CONNECTIONS = 20_000;
/** What a client has not sent or read so long after the stop began is cut off: the rest of the stop needs its time, too. */
const CLOSE_WITHIN_MS = 2000;

/** Fastify as this API needs it: what fails before Nest is asked is a problem document, too. Only these proxies are asked whom they speak for. */
export function createHttpAdapter(trustedProxies: readonly string[] = []): FastifyAdapter {
  return new OurAdapter({
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      // No hook has seen it.
      setSecurityHeaders(reply.raw, undefined);
      sendProblem(reply, problemOf(error));
    },
    clientErrorHandler: refuseConnection,
  });
}

class OurAdapter extends FastifyAdapter {
  private isStopping = false;

  constructor(options: FastifyServerOptions) {
    super(options);
    this.instance.server.maxConnections = MAX_CONNECTIONS;
    // Before Fastify itself says so: to requests that are under way when it begins to close it promises to keep the connection.
    this.instance.addHook('onSend', (_request, reply, _payload, done) => {
      if (this.isStopping) void reply.header('connection', 'close');
      done();
    });
  }

  /** Nest's handler comes behind the routes and would stand for none: configureHttp sets ours before them. */
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.instance;
  }

  override beforeClose(): void {
    this.isStopping = true;
    super.beforeClose();
  }

  /** Node waits for every connection that is not idle at this moment, for one on which nothing was ever said without an end. */
  override async close(): Promise<void> {
    const late = setTimeout(() => this.httpServer.closeAllConnections(), CLOSE_WITHIN_MS);
    try {
      await super.close();
    } finally {
      clearTimeout(late);
    }
  }
}

/** What is not HTTP, or exceeds Node's limits: there is no request and no reply yet, only the socket. */
function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Problem('payload-too-large', 'URL and headers together are over 16 KiB', [], 431)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new Problem('malformed-request', 'the request did not arrive in time', [], 408)
        : new Problem('malformed-request', 'this is not HTTP/1.1');
  const body = JSON.stringify(problem.document);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
