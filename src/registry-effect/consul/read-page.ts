import type { ConsulReader } from './consul-reader.js';
import type { FoundCheck, FoundNode, FoundPage, FoundService } from './found-entries.js';

/** A synthetic node with all that is on it. */
export async function readPage(reader: ConsulReader, consulNode: string): Promise<FoundPage> {
  const name = encodeURIComponent(consulNode);
  const [catalog, checks] = await Promise.all([
    // Null where there is no such node.
    reader.read<{ Node: FoundNode; Services: Record<string, FoundService> | null } | null>(`/v1/catalog/node/${name}`),
    reader.read<readonly FoundCheck[] | null>(`/v1/health/node/${name}`),
  ]);
  return {
    node: catalog.body?.Node ?? null,
    services: Object.values(catalog.body?.Services ?? {}),
    checks: checks.body ?? [],
  };
}
