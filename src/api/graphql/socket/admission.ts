import type { FastifyRequest } from 'fastify';
import type { AccessControl } from '../../access/access-control.js';

/** What `connection_init` carried. */
export type InitPayload = Readonly<Record<string, unknown>>;

export type Admitted = {
  /** Added to the context of the resolvers. */
  readonly context: Readonly<Record<string, unknown>>;
  /** When it has to come again; null: never. Epoch milliseconds. */
  readonly until: number | null;
};

/**
 * Who may speak over a WebSocket: asked once for each connection, with the request that opened it (whose hooks have run, as for any
 * other) and what the client sent to initialise it. Throws the Problem that stands against it.
 */
export type Admit = (request: FastifyRequest, payload: InitPayload) => Promise<Admitted>;

export const ADMIT = Symbol('Admit');

/** By a token, as everywhere; the connection ends when the token does. */
export function admitBy(access: AccessControl): Admit {
  return async (request, payload) => {
    const caller = await access.authenticateInit(payload, request);
    return { context: { caller }, until: caller.expiresAt };
  };
}
