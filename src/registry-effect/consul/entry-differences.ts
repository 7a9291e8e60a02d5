import type { IntentOf } from '../effect-handler.js';
import { revisionIn, type DesiredNode } from '../drift/backend-audit.js';
import type { checkEntry, nodeEntry, serviceEntry } from './entries.js';
import type { FoundCheck, FoundNode, FoundService } from './found-entries.js';

type Meta = Readonly<Record<string, string>>;

/** The intent that would make Consul hold the node whole. */
export function asRegistration(node: DesiredNode): IntentOf<'consul.register'> {
  const { nodeId, attemptId, revision, health, record } = node;
  return {
    intentType: 'consul.register',
    nodeId,
    attemptId,
    revision,
    health,
    onlyHealth: false,
    otherNodeTypes: [],
    record,
  };
}

/**
 * The fields of a service that are not as they were written. Its revision may be the one before: an activation writes the check
 * alone. The order of tags means nothing.
 */
export function serviceDifferences(
  expected: ReturnType<typeof serviceEntry>,
  found: FoundService,
  { revision, health }: Pick<DesiredNode, 'revision' | 'health'>,
): string[] {
  const foundRevision = revisionIn(found.Meta?.['revision']);
  const behind = health === 'passing' && foundRevision === revision - 1;
  const meta: Meta = behind ? { ...expected.Meta, revision: String(foundRevision) } : expected.Meta;
  return [
    ...named('service', { id: expected.ID === found.ID, name: expected.Service === found.Service }),
    ...named('service', { address: expected.Address === found.Address, port: expected.Port === found.Port }),
    ...(sameTags(expected.Tags, found.Tags ?? []) ? [] : ['tags']),
    ...metaDifferences('meta', meta, found.Meta ?? {}),
  ];
}

export function checkDifferences(expected: ReturnType<typeof checkEntry>, found: FoundCheck): string[] {
  return named('check', {
    id: expected.CheckID === found.CheckID,
    name: expected.Name === found.Name,
    status: expected.Status === found.Status,
    output: expected.Output === found.Output,
    service_id: expected.ServiceID === found.ServiceID,
  });
}

export function nodeDifferences(expected: ReturnType<typeof nodeEntry>, found: FoundNode): string[] {
  return [
    ...named('node', { address: expected.Address === found.Address }),
    ...metaDifferences('node.meta', expected.Meta, found.Meta ?? {}),
  ];
}

function named(of: string, equal: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(equal).flatMap(([field, same]) => (same ? [] : [`${of}.${field}`]));
}

function metaDifferences(of: string, expected: Meta, found: Meta): string[] {
  const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...keys].filter((key) => expected[key] !== found[key]).map((key) => `${of}.${key}`);
}

export function sameTags(expected: readonly string[], found: readonly string[]): boolean {
  const sorted = [...found].sort();
  return (
    expected.length === found.length && [...expected.map(wellFormed)].sort().every((tag, at) => tag === sorted[at])
  );
}

/** JSON can carry half of a surrogate pair, UTF-8 cannot: what is stored has a replacement character there. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
