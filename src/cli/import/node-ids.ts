import { createHash } from 'node:crypto';
import type { Instance } from './reading.js';

const LONGEST = 255;
const HASH_LETTERS = 8;

/**
 * A node id for each instance: its own where that is one, else with `-` for what an id cannot have. Instances that would get the same
 * id, and long ones, get a hash of what they were behind it, so that it does not depend on what else is in the file but them.
 */
export function nodeIds(instances: readonly Instance[]): readonly string[] {
  const fitted = instances.map(({ id }) => fittingId(id));
  // Several endpoints of one instance are still one: only what differs is told apart.
  const owners = new Map<string, Set<string>>();
  for (const [index, id] of fitted.entries()) {
    owners.set(id, (owners.get(id) ?? new Set()).add(identityOf(instances[index]!)));
  }
  return fitted.map((id, index) => {
    const isShared = (owners.get(id)?.size ?? 0) > 1;
    return isShared || id.length > LONGEST ? hashed(id, identityOf(instances[index]!)) : id;
  });
}

/** What an id may have, as in `^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$`; empty where nothing is left. */
function fittingId(id: string): string {
  return id
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/-+$/, '');
}

function identityOf({ id, service, endpoints }: Instance): string {
  return JSON.stringify([id, service, endpoints['api'] ?? null]);
}

function hashed(id: string, identity: string): string {
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, HASH_LETTERS);
  return `${id.slice(0, LONGEST - HASH_LETTERS - 1)}-${digest}`;
}
