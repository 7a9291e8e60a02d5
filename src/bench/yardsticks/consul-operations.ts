import { hash } from 'node:crypto';
import { Pool } from 'undici';

/** What Consul is told of a registered node, as JSON text; the same size and shape as the registry's own. */
export type ConsulEntry = { readonly nodeId: string; readonly registryId: string };

export function setService({ nodeId, registryId }: ConsulEntry): string {
  return (
    `{"Service":{"Verb":"set","Node":"${nodeOf(registryId, nodeId)}","Service":{"ID":"onex-effect-${nodeId}","Service":"onex-effect",` +
    `"Tags":["onex","node_type:effect","cap:streaming","cap:batch","cap:protocols","cap:operations","cap:document.read",` +
    `"cap:document.write","cap:document.search"],"Address":"10.0.0.1","Port":8080,` +
    `"Meta":{"node_id":"${nodeId}","node_version":"1.4.2","revision":"1","owner":"${registryId}"}}}}`
  );
}

export function setCheck({ nodeId, registryId }: ConsulEntry, status: 'critical' | 'passing'): string {
  return (
    `{"Check":{"Verb":"set","Check":{"Node":"${nodeOf(registryId, nodeId)}","CheckID":"rollcall:onex-effect-${nodeId}",` +
    `"Name":"Rollcall registration","ServiceID":"onex-effect-${nodeId}","ServiceName":"onex-effect","Status":"${status}",` +
    `"Output":"${status === 'critical' ? 'awaiting acknowledgement' : ''}"}}}`
  );
}

/** One of the 256 synthetic nodes, by the id's hash. */
function nodeOf(registryId: string, nodeId: string): string {
  return `${registryId}-${hash('sha256', nodeId).slice(0, 2)}`;
}

/** `PUT /v1/txn` over kept connections, one transaction at a time on each. */
export class Transactions {
  readonly #pool: Pool;

  constructor(consulUrl: string, connections: number) {
    this.#pool = new Pool(new URL(consulUrl).origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** All operations, `perRequest` together; resolves when all are applied. */
  async put(operations: readonly string[], perRequest: number): Promise<void> {
    const requests = [];
    for (let start = 0; start < operations.length; start += perRequest) {
      requests.push(this.#put(operations.slice(start, start + perRequest)));
    }
    await Promise.all(requests);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #put(operations: readonly string[]): Promise<void> {
    const { statusCode, body } = await this.#pool.request({
      path: '/v1/txn',
      method: 'PUT',
      body: `[${operations.join(',')}]`,
    });
    if (statusCode !== 200) throw new Error(`Consul answers ${statusCode}: ${(await body.text()).slice(0, 500)}`);
    await body.dump({ limit: Number.MAX_SAFE_INTEGER });
  }
}
