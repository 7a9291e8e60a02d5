import type { FastifyInstance } from 'fastify';

const MAY_BE_EMPTY = /\/(?:ack|heartbeat)(?:\?|$)/;

/**
 * Many clients name a content type whether they send something or not, and Fastify takes "JSON, of no bytes" for broken JSON. Before
 * the routes are registered: a hook knows only the routes that come after it.
 */
export function allowEmptyBodies(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const isEmpty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
    if (isEmpty && request.method === 'POST' && MAY_BE_EMPTY.test(request.url)) delete headers['content-type'];
    done();
  });
}
