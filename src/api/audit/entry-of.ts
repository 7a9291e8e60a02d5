import type { FastifyRequest } from 'fastify';
import { isShallow, MAX_JSON_DEPTH, redact } from '../../messages/index.js';
import type { Caller } from '../access/caller.js';
import type { NewAuditEntry } from '../read/audit-entry.js';
import { OTHER_REQUEST } from './actions.js';

/** Characters of what was asked for that are kept. */
const MAX_DETAILS = 2000;
const MAX_TARGET = 300;
/** Of a body with capabilities or metadata that are as deep as they may be. */
const MAX_DEPTH = MAX_JSON_DEPTH + 2;

/** What a request is, for the audit; what came of it is not known yet. */
export function entryOf(id: string, request: FastifyRequest, caller: Caller | null): NewAuditEntry {
  const { method, routeOptions, ip } = request;
  return {
    id,
    action: routeOptions.config.access?.audit ?? OTHER_REQUEST,
    caller: caller?.name ?? null,
    role: caller?.role ?? null,
    source: caller?.source ?? null,
    ip: storable(ip, 100),
    method,
    route: routeOptions.url ?? '',
    target: targetOf(request),
    details: detailsOf(request),
    outcome: null,
    status: null,
    problem: null,
    count: 1,
    firstAt: null,
  };
}

/** What it is about: a part of the path, or the node that the body names. */
function targetOf({ params, body }: FastifyRequest): string | null {
  const { nodeId, id } = params as { readonly nodeId?: string; readonly id?: string };
  const named = body as { readonly nodeId?: unknown; readonly targetNodeId?: unknown } | null | undefined;
  const target = nodeId ?? id ?? named?.nodeId ?? named?.targetNodeId;
  return typeof target === 'string' ? storable(target, MAX_TARGET) : null;
}

/** Query and body as they came, without secrets, and not longer than anybody would read. Nobody has checked them yet. */
function detailsOf({ query, body }: FastifyRequest): string | null {
  const asked = { ...(query as object), ...(typeof body === 'object' ? body : {}) };
  if (Object.keys(asked).length === 0) return null;
  // What is too deep for us to write down is refused by whoever checks it.
  if (!isShallow(asked, MAX_DEPTH)) return '(too deep)';
  return storable(redact(JSON.stringify(asked), MAX_DETAILS), MAX_DETAILS);
}

/** As PostgreSQL can hold it: without NUL, and halves of surrogate pairs, which cutting may leave. */
export function storable(text: string, length: number): string {
  return text.slice(0, length).replace(/[\0\p{Cs}]/gu, '\ufffd');
}
