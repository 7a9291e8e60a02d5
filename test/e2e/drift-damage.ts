import { addressOf } from '../support/stack.js';
import type { World } from './world.js';

/** A service as a transaction takes it, with the Consul node that it is on and the state of its check. */
export type ConsulService = {
  readonly Node: string;
  readonly ID: string;
  readonly Service: string;
  readonly Tags: readonly string[];
  readonly Address: string;
  readonly Port: number;
  readonly Meta: Readonly<Record<string, string>>;
};

/** As Consul tells of it: without any meta there is none. */
type Found = Omit<ConsulService, 'Meta'> & { readonly Meta: ConsulService['Meta'] | null };

const MOST_OPERATIONS = 64;

/** Services on the registry's own Consul nodes, by id, whoever made them. */
export async function consulServices(world: World): Promise<ReadonlyMap<string, ConsulService>> {
  const ours = encodeURIComponent(`Meta["rollcall-owner"] == "${world.registryId}"`);
  const nodes = await world.consul<{ Node: string }[]>(`/v1/catalog/nodes?filter=${ours}`);
  const services = await Promise.all(
    nodes.map(async ({ Node }) => {
      const { Services } = await world.consul<{ Services: Record<string, Found> }>(`/v1/catalog/node/${Node}`);
      return Object.values(Services).map(({ ID, Service, Tags, Address, Port, Meta }) => ({
        ...{ Node, ID, Service, Tags, Address, Port },
        Meta: Object.fromEntries(Object.entries(Meta ?? {}).sort()),
      }));
    }),
  );
  return new Map(
    services
      .flat()
      .sort((one, other) => (one.ID < other.ID ? -1 : 1))
      .map((service) => [service.ID, service]),
  );
}

/** Changes Consul behind the registry's back. */
export async function inConsul(operations: readonly object[]): Promise<void> {
  for (let start = 0; start < operations.length; start += MOST_OPERATIONS) {
    const body = JSON.stringify(operations.slice(start, start + MOST_OPERATIONS));
    const response = await fetch(`${addressOf('consul')}/v1/txn`, { method: 'PUT', body });
    if (!response.ok) throw new Error(`Consul answers ${response.status}: ${await response.text()}`);
  }
}
