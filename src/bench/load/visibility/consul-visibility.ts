import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { errorText } from '../../../messages/index.js';
import { syntheticNodeOf } from '../fixture/clone-services.js';

/** One question each, whatever the number of nodes that are waited for: they take turns, so that asking is no load of its own. */
export const CONSUL_EVERY_MS = 5;
const AT_ONCE = 8;

/**
 * Tells when readers of Consul find nodes in the passing list: asks for the node's check. The list of a service is made of these checks, and
 * reads them in the same state of the catalog; following the list itself would cost Consul all instances for each change.
 */
export class ConsulVisibility {
  private readonly agent = new Agent({ connections: AT_ONCE, pipelining: 1 });
  /** In the order in which they are asked for next. */
  private readonly waiting = new Set<string>();
  private readonly asking = new Set<Promise<void>>();
  private isOpen = true;
  private wake = (): void => undefined;
  private readonly loop: Promise<void>;
  private failure: unknown;

  /** `seen` gets the time of `performance.now()` at which the answer was there. */
  constructor(
    private readonly consulUrl: string,
    private readonly registryId: string,
    private readonly serviceName: string,
    private readonly seen: (nodeId: string, at: number) => void,
  ) {
    this.loop = this.takeTurns();
  }

  watch(nodeId: string): void {
    this.waiting.add(nodeId);
    this.wake();
  }

  /** Rejects when a question has failed. */
  async close(): Promise<void> {
    this.isOpen = false;
    this.wake();
    await this.loop;
    await Promise.all(this.asking);
    await this.agent.close();
    if (this.failure !== undefined) throw new Error(`Consul could not be watched: ${errorText(this.failure)}`);
  }

  /** Of the nodes given, those that are in the passing list as every reader of the service gets it. */
  async passing(nodeIds: readonly string[]): Promise<number> {
    const { body } = await request(new URL(`/v1/health/service/${this.serviceName}?passing`, this.consulUrl), {
      dispatcher: this.agent,
    });
    const entries = (await body.json()) as readonly { readonly Service: { readonly ID: string } }[];
    const ids = new Set(entries.map(({ Service }) => Service.ID));
    return nodeIds.filter((nodeId) => ids.has(this.serviceId(nodeId))).length;
  }

  private async takeTurns(): Promise<void> {
    while (this.isOpen) {
      const [next] = this.waiting;
      if (next === undefined) {
        await new Promise<void>((resolve) => (this.wake = resolve));
      } else {
        if (this.asking.size < AT_ONCE) this.ask(next);
        await sleep(CONSUL_EVERY_MS);
      }
    }
  }

  /** While it is asked for it does not wait for its turn. */
  private ask(nodeId: string): void {
    this.waiting.delete(nodeId);
    const asked: Promise<void> = this.isPassing(nodeId)
      .then(
        (passing) => (passing ? this.seen(nodeId, performance.now()) : this.watch(nodeId)),
        (error: unknown) => void (this.failure ??= error),
      )
      .finally(() => this.asking.delete(asked));
    this.asking.add(asked);
  }

  private async isPassing(nodeId: string): Promise<boolean> {
    const url = new URL(`/v1/health/node/${syntheticNodeOf(this.registryId, nodeId)}`, this.consulUrl);
    url.searchParams.set('filter', `ServiceID == "${this.serviceId(nodeId)}"`);
    const { body, statusCode } = await request(url, { dispatcher: this.agent });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${url.href} answers ${statusCode}: ${text.slice(0, 200)}`);
    const checks = JSON.parse(text) as readonly { readonly Status: string }[];
    return checks.length > 0 && checks.every(({ Status }) => Status === 'passing');
  }

  private serviceId(nodeId: string): string {
    return `${this.serviceName}-${nodeId}`;
  }
}
