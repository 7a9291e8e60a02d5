import { registerSecret, type ConsulIntent } from '../../messages/index.js';
import type { EffectHandler, EffectRequest, IntentOf } from '../effect-handler.js';
import { applyBatch } from '../resilience/apply-batch.js';
import { createCircuit } from '../resilience/circuit.js';
import { withDefaults, type BreakerState } from '../resilience/resilience-options.js';
import { tokenOf, type ConsulConnection, type ConsulEffectOptions } from './consul-options.js';
import { createTransactionClient, type TransactionClient } from './transaction-client.js';
import { writeServices } from './write-services.js';

export type ConsulEffect = {
  readonly registerConsulServices: EffectHandler<IntentOf<'consul.register'>>;
  readonly deregisterConsulServices: EffectHandler<IntentOf<'consul.deregister'>>;
  readonly removeConsulServices: EffectHandler<IntentOf<'consul.remove_service'>>;
  breakerState(): BreakerState;
  /** Waits for what is under way, then closes the connections. */
  close(): Promise<void>;
};

const CONNECTIONS = 8;

/** The Consul backend: one breaker and one set of connections for all of its operations. */
export function createConsulEffect(options: ConsulEffectOptions): ConsulEffect {
  registerSecret(tokenOf(options));
  const { requestTimeoutMs } = withDefaults(options);
  const connections = options.connections ?? CONNECTIONS;
  return consulEffectThrough(createTransactionClient({ ...options, connections, requestTimeoutMs }), options);
}

/** The same through whatever client applies the transactions. */
export function consulEffectThrough(
  client: TransactionClient,
  options: Omit<ConsulEffectOptions, keyof ConsulConnection>,
): ConsulEffect {
  const settings = withDefaults(options);
  const connections = options.connections ?? CONNECTIONS;
  const backend = { client, connections, registryId: options.registryId, settings };
  const circuit = createCircuit(settings);

  const apply = <I extends ConsulIntent>(requests: readonly EffectRequest<I>[]) =>
    applyBatch<ConsulIntent>(
      requests.map(({ intent }) => intent),
      circuit,
      settings,
      (pending, settle) => writeServices(backend, pending, settle),
    );

  return {
    registerConsulServices: { id: 'register-consul-services', apply },
    deregisterConsulServices: { id: 'deregister-consul-services', apply },
    removeConsulServices: { id: 'remove-consul-services', apply },
    breakerState: () => circuit.state(),
    close: () => client.close(),
  };
}
