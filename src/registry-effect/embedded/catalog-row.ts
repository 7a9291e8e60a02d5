import { checkEntry, nodeEntry, serviceEntry } from '../consul/entries.js';
import { consulNames } from '../consul/service-names.js';
import type { EffectRequest, IntentOf } from '../effect-handler.js';
import type { Column } from '../postgres/registration-row.js';

export type RegisterRequest = EffectRequest<IntentOf<'consul.register'>>;
export type DeregisterRequest = EffectRequest<IntentOf<'consul.deregister'>>;

export type RemoveRequest = EffectRequest<IntentOf<'consul.remove_service'>>;

/** What an intent asks the catalog to hold, in the words of Consul: the very entries that Consul would get. */
export type CatalogRow = {
  readonly nodeId: string;
  readonly revision: number;
  readonly onlyHealth: boolean;
  readonly node: ReturnType<typeof nodeEntry>;
  readonly service: ReturnType<typeof serviceEntry>;
  readonly check: ReturnType<typeof checkEntry>;
};

export function catalogRow({ intent }: RegisterRequest, registryId: string): CatalogRow {
  const names = consulNames(registryId, intent.nodeId);
  return {
    nodeId: intent.nodeId,
    revision: intent.revision,
    onlyHealth: intent.onlyHealth,
    node: nodeEntry(names.node, registryId),
    service: serviceEntry(names, intent, registryId),
    check: checkEntry(names, intent),
  };
}

export const REGISTER_COLUMNS: readonly Column<CatalogRow>[] = [
  { name: 'node_id', type: 'text', of: ({ nodeId }) => nodeId },
  { name: 'revision', type: 'bigint', of: ({ revision }) => revision },
  { name: 'node', type: 'text', of: ({ node }) => node.Node },
  { name: 'node_address', type: 'text', of: ({ node }) => node.Address },
  { name: 'node_meta', type: 'text', of: ({ node }) => JSON.stringify(node.Meta) },
  { name: 'service_id', type: 'text', of: ({ service }) => service.ID },
  { name: 'service_name', type: 'text', of: ({ service }) => service.Service },
  { name: 'address', type: 'text', of: ({ service }) => service.Address },
  { name: 'port', type: 'integer', of: ({ service }) => service.Port },
  { name: 'tags', type: 'text', of: ({ service }) => JSON.stringify(service.Tags) },
  // Consul's search for a tag ignores case; PostgreSQL's idea of case depends on how the database was made.
  { name: 'folded_tags', type: 'text', of: ({ service }) => JSON.stringify(foldedTags(service.Tags)) },
  { name: 'meta', type: 'text', of: ({ service }) => JSON.stringify(service.Meta) },
  { name: 'check_id', type: 'text', of: ({ check }) => check.CheckID },
  { name: 'check_name', type: 'text', of: ({ check }) => check.Name },
  { name: 'check_status', type: 'text', of: ({ check }) => check.Status },
  { name: 'check_output', type: 'text', of: ({ check }) => check.Output },
  { name: 'only_health', type: 'boolean', of: ({ onlyHealth }) => onlyHealth },
];

export const DEREGISTER_COLUMNS: readonly Column<DeregisterRequest>[] = [
  { name: 'node_id', type: 'text', of: ({ intent }) => intent.nodeId },
  { name: 'revision', type: 'bigint', of: ({ intent }) => intent.revision },
];

export const REMOVE_COLUMNS: readonly Column<RemoveRequest>[] = [
  { name: 'node', type: 'text', of: ({ intent }) => intent.consulNode },
  { name: 'service_id', type: 'text', of: ({ intent }) => intent.serviceId },
];

export function foldedTags(tags: readonly string[]): readonly string[] {
  return tags.map((tag) => tag.toLowerCase());
}
