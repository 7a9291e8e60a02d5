import type { ConsulIntent } from '../../messages/index.js';
import { forEachBin } from '../resilience/for-each-bin.js';
import { isolateCulprits } from '../resilience/isolate-culprits.js';
import { pack } from '../resilience/pack.js';
import type { Pending, Settle } from '../resilience/apply-batch.js';
import type { Resilience } from '../resilience/resilience-options.js';
import { classifyConsulError } from './classify-consul-error.js';
import { changeSize, serviceChange } from './service-change.js';
import { TRANSACTION_LIMITS, type TransactionClient } from './transaction-client.js';
import { writeTransaction } from './write-transaction.js';

export type ConsulBackend = {
  readonly client: TransactionClient;
  readonly registryId: string;
  readonly connections: number;
  readonly settings: Resilience;
};

/** Makes Consul hold what the intents ask for: dense transactions, several under way at once. Throws BackendFault. */
export async function writeServices(
  { client, registryId, connections, settings }: ConsulBackend,
  pending: readonly Pending<ConsulIntent>[],
  settle: Settle<ConsulIntent>,
): Promise<void> {
  const planned = pending.map((one) => ({ pending: one, change: serviceChange(one.item, registryId) }));
  const bins = pack(planned, ({ change }) => changeSize(change), TRANSACTION_LIMITS);
  await forEachBin(bins, connections, (bin) =>
    isolateCulprits(bin, {
      write: (items) =>
        writeTransaction(
          client,
          items.map(({ change }) => change),
          registryId,
        ),
      classify: classifyConsulError,
      settle: (item, outcome) => settle(item.pending, outcome),
      settings,
    }),
  );
}
