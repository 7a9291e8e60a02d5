import { asDenial, ConsulRefusal } from './consul-errors.js';
import { setNode } from './operations.js';
import { TRANSACTION_LIMITS, type TransactionClient } from './transaction-client.js';

/** Makes synthetic nodes; one that is there stays as it is. */
export async function ensureNodes(
  client: TransactionClient,
  nodes: readonly string[],
  registryId: string,
): Promise<void> {
  for (let start = 0; start < nodes.length; start += TRANSACTION_LIMITS.maxCount) {
    const some = nodes.slice(start, start + TRANSACTION_LIMITS.maxCount);
    const result = await client.put(some.map((node) => setNode(node, registryId)));
    if (result.committed) continue;
    // Its name and meta come from our configuration: no registered node is at fault.
    const { index, what } = result.errors[0]!;
    throw asDenial(what) ?? new ConsulRefusal(500, `cannot make the synthetic node ${some[index]}: ${what}`);
  }
}
