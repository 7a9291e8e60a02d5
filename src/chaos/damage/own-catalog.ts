import { NODE_TYPES } from '../../messages/index.js';

/** A service of ours, as Consul's catalog has it. */
export type OwnService = {
  readonly Node: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly ServiceTags: readonly string[] | null;
  readonly ServiceAddress: string;
  readonly ServicePort: number;
  readonly ServiceMeta: Readonly<Record<string, string>>;
};

/** An operation of `/v1/txn`. */
export type Operation = { readonly Node?: object; readonly Service?: object; readonly Check?: object };

/** What Consul takes at once. */
const MOST_OPERATIONS = 64;
const TIMEOUT_MS = 10_000;

/** Consul by its HTTP API, as anybody may use it who gets there. */
export class OwnCatalog {
  constructor(
    private readonly address: string,
    private readonly registryId: string,
  ) {}

  /** Names of the synthetic nodes that the registry has made. */
  async nodes(): Promise<readonly string[]> {
    const path = `/v1/catalog/nodes?consistent&node-meta=${encodeURIComponent(`rollcall-owner:${this.registryId}`)}`;
    const nodes = (await this.ask('GET', path)) as readonly { readonly Node: string }[];
    return nodes.map(({ Node }) => Node);
  }

  /** By node and id, so that the same catalog gives the same list. */
  async services(): Promise<readonly OwnService[]> {
    const lists = await Promise.all(
      NODE_TYPES.map((type) => this.ask('GET', `/v1/catalog/service/onex-${type}?consistent`)),
    );
    const all = lists.flat() as readonly OwnService[];
    const place = ({ Node, ServiceID }: OwnService): string => `${Node}/${ServiceID}`;
    return all
      .filter(({ ServiceMeta }) => ServiceMeta['owner'] === this.registryId)
      .sort((one, other) => place(one).localeCompare(place(other)));
  }

  /** One service with all that Consul tells of it, when it was changed last included; null: it is not there. */
  async service(consulNode: string, serviceId: string): Promise<string | null> {
    const path = `/v1/catalog/node/${encodeURIComponent(consulNode)}?consistent`;
    const found = (await this.ask('GET', path)) as { readonly Services: Readonly<Record<string, object>> } | null;
    const service = found?.Services[serviceId];
    return service === undefined ? null : JSON.stringify(service);
  }

  /** In transactions of as many as Consul takes. Rejects with what it says when it refuses one. */
  async apply(operations: readonly Operation[]): Promise<void> {
    for (let start = 0; start < operations.length; start += MOST_OPERATIONS) {
      await this.ask('PUT', '/v1/txn', operations.slice(start, start + MOST_OPERATIONS));
    }
  }

  private async ask(method: 'GET' | 'PUT', path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.address}${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Consul answers ${response.status} to ${method} ${path}: ${text}`);
    return JSON.parse(text) as unknown;
  }
}
