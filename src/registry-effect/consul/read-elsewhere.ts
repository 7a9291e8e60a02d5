import { NODE_TYPES } from '../../messages/index.js';
import { nameOfEntry } from '../drift/buckets.js';
import type { Stray } from './audit-page.js';
import type { ConsulReader } from './consul-reader.js';

type Instance = {
  readonly Node: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly ServiceMeta: Readonly<Record<string, string>> | null;
};

/**
 * Entries of ours on nodes of Consul that are not: it looks through its services of our names, and answers with those alone. Takes
 * Consul 5 µs for each service that it has, a fifth of what comparing all pages does.
 */
export async function readElsewhere(reader: ConsulReader, registryId: string): Promise<readonly Stray[]> {
  const filter = `ServiceMeta.owner == ${JSON.stringify(registryId)} and Node not matches ${synthetic(registryId)}`;
  const strays: Stray[] = [];
  for (const type of NODE_TYPES) {
    const { body } = await reader.read<readonly Instance[] | null>(`/v1/catalog/service/onex-${type}`, { filter });
    strays.push(...(body ?? []).map(asStray));
  }
  return strays;
}

function asStray({ Node, ServiceID, ServiceName, ServiceMeta }: Instance): Stray {
  const service = { ID: ServiceID, Service: ServiceName, Tags: [], Address: '', Port: 0, Meta: ServiceMeta };
  return { consulNode: Node, service, nodeId: nameOfEntry(ServiceMeta?.['node_id'], ServiceID) };
}

/** As a text of Consul's filter language: a regular expression for the names of our synthetic nodes. */
function synthetic(registryId: string): string {
  const quoted = registryId.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return JSON.stringify(`(?i)^${quoted}-[0-9a-f]{2}$`);
}
