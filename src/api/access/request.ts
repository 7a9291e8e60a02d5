import type { AuditedRequest } from '../audit/audited-request.js';
import type { ProblemType } from '../http/problem-types.js';
import type { Access } from './access.js';
import type { Caller } from './caller.js';

/** What the hooks note of a request, for those who come after them. */
declare module 'fastify' {
  interface FastifyRequest {
    /** Null where nobody had to say who it is: open routes, and a WebSocket before its first message. */
    caller: Caller | null;
    /** Its entry in the audit; null where it commands nothing. */
    audited: AuditedRequest | null;
    /** What it was answered with, where that was a problem. */
    problem: ProblemType | null;
  }

  interface FastifyContextConfig {
    access?: Access;
  }
}
