/** How many nodes in Consul carry the services of registered nodes, as src/registry-effect/consul has them. */
export const SYNTHETIC_NODES = 256;
/** Operations in a transaction of Consul's, at most. */
export const MAX_OPERATIONS = 64;

export function syntheticNodes(registryId: string): readonly string[] {
  return Array.from({ length: SYNTHETIC_NODES }, (_, index) => `${registryId}-${index.toString(16).padStart(2, '0')}`);
}

/** Makes the nodes as a registry does: not probed by anybody, and routed nowhere. */
export async function createSyntheticNodes(consulUrl: string, registryId: string): Promise<void> {
  await inTransactions(consulUrl, syntheticNodes(registryId), (node) => ({
    Verb: 'set',
    Node: {
      Node: node,
      Address: '192.0.2.1',
      Meta: { 'external-node': 'true', 'external-probe': 'false', 'rollcall-owner': registryId },
    },
  }));
}

/** Takes all services and checks along. Nodes that are not there are no error. */
export async function removeSyntheticNodes(consulUrl: string, registryId: string): Promise<void> {
  await inTransactions(consulUrl, syntheticNodes(registryId), (node) => ({ Verb: 'delete', Node: { Node: node } }));
}

async function inTransactions(
  consulUrl: string,
  nodes: readonly string[],
  operationOf: (node: string) => object,
): Promise<void> {
  for (let start = 0; start < nodes.length; start += MAX_OPERATIONS) {
    const operations = nodes.slice(start, start + MAX_OPERATIONS).map((node) => ({ Node: operationOf(node) }));
    const response = await fetch(new URL('/v1/txn', consulUrl), { method: 'PUT', body: JSON.stringify(operations) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Consul refuses to change its nodes: ${response.status} ${text.slice(0, 500)}`);
  }
}
