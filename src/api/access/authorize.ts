import { Problem } from '../http/problem.js';
import type { Access } from './access.js';
import { hasRole, speaksFor, type Caller } from './caller.js';

/** What is wanted: an operation as people call it (`DELETE /v1/nodes/:nodeId`), and the node that it is about, if any. */
export type Wanted = { readonly operation: string; readonly nodeId: string | undefined };

/** Null where the caller may; else what to answer. Says which role it takes, and which one the caller has. */
export function forbidden(caller: Caller, { least, node }: Access, { operation, nodeId }: Wanted): Problem | null {
  if (least === 'open' || least === 'anyone' || hasRole(caller, least)) return null;
  const { name, role } = caller;
  if (role !== 'node') return refusal(`${operation} takes the role ${least}; ${name} has the role ${role}.`);
  if (node !== 'own') {
    return refusal(`${operation} takes the role ${least}; ${name} has the role node, which may only speak as a node.`);
  }
  if (nodeId !== undefined && speaksFor(caller, nodeId)) return null;
  return refusal(
    `${operation} takes the role ${least}, or the role node for that very node; ${name} may speak for ${caller.nodes ?? 'no node'}.`,
  );
}

function refusal(detail: string): Problem {
  return new Problem('forbidden', detail);
}
