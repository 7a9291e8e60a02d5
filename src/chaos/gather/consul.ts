import type { ConsulEntry } from '../evidence.js';

type HealthEntry = {
  readonly Service: { readonly ID: string; readonly Meta: Readonly<Record<string, string>> };
  readonly Checks: readonly { readonly Status: string }[];
};

/** Every service in Consul that is the registry's own. */
export async function readConsul(address: string, registryId: string): Promise<ConsulEntry[]> {
  const services = await ask<Readonly<Record<string, unknown>>>(`${address}/v1/catalog/services?consistent`);
  const names = Object.keys(services).filter((name) => name.startsWith('onex-'));
  const lists = await Promise.all(
    names.map((name) =>
      ask<readonly HealthEntry[]>(`${address}/v1/health/service/${encodeURIComponent(name)}?consistent`),
    ),
  );
  return lists
    .flat()
    .filter(({ Service }) => Service.Meta['owner'] === registryId)
    .map(({ Service, Checks }) => ({
      nodeId: Service.Meta['node_id'] ?? '',
      serviceId: Service.ID,
      status: worstOf(Checks.map(({ Status }) => Status)),
      revision: Number(Service.Meta['revision']),
    }));
}

/** A service without a check would be passing to Consul, and is nothing that we write. */
function worstOf(statuses: readonly string[]): string {
  if (statuses.length === 0) return 'without a check';
  return statuses.find((status) => status !== 'passing') ?? 'passing';
}

async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`Consul answers ${response.status} to ${url}`);
  return (await response.json()) as T;
}
