import { nodeEntry } from '../../registry-effect/consul/entries.js';
import { ConsulRefusal } from '../../registry-effect/consul/consul-errors.js';
import type { FoundCheck, FoundNode } from '../../registry-effect/consul/found-entries.js';
import type {
  OperationError,
  TransactionClient,
  TransactionResult,
} from '../../registry-effect/consul/transaction-client.js';
import { REGISTRY_ID } from '../plan/plan.js';
import type { Owner } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';

type Operation = {
  readonly Node?: { readonly Verb: string; readonly Node: FoundNode };
  readonly Service?: { readonly Verb: string; readonly Node: string; readonly Service: Service };
  readonly Check?: { readonly Verb: string; readonly Check: Check };
};

export type Service = {
  readonly ID: string;
  readonly Service: string;
  readonly Tags?: readonly string[];
  readonly Address?: string;
  readonly Port?: number;
  readonly Meta?: Readonly<Record<string, string>>;
};

export type Check = FoundCheck & { readonly Node: string };

export type Entry = { readonly node: string; readonly service: Service; readonly check: Check | null };

type Page = { readonly frame: FoundNode; readonly services: Map<string, Entry> };

/** Revisions of the intents that a process is carrying out, by node id. */
export type InHand = ReadonlyMap<string, number>;

/** What one operation of a process has made of one entry; null: there was none, or there is none. */
export type ConsulWrite = {
  readonly owner: Owner;
  readonly consulNode: string;
  readonly serviceId: string;
  readonly inHand: InHand;
  readonly before: Entry | null;
  readonly after: Entry | null;
};

/** A capability of this name makes Consul refuse the record. */
export const REFUSED_BY_CONSUL = 'refused-by-consul';

/** The catalog: transactions are applied whole or not at all. */
export class SimulatedConsul {
  private pages = new Map<string, Page>();
  /** Moves with every write, anybody's. */
  index = 1;
  /** Answers every request so instead of carrying it out. */
  answers: 'normally' | 500 | 403 = 'normally';

  /**
   * `inHand`: what a process is carrying out at this moment. `onWrite` hears of every entry that a process wrote, with what it was
   * carrying out when it sent the request.
   */
  constructor(
    private readonly inHand: (owner: Owner) => InHand,
    private readonly onWrite: (write: ConsulWrite) => void,
  ) {}

  /** Every service, with its check. */
  entries(): readonly Entry[] {
    return [...this.pages.values()].flatMap(({ services }) => [...services.values()]);
  }

  page(node: string): Page | undefined {
    return this.pages.get(node);
  }

  clientOf(owner: Owner, wire: Wire, requestTimeoutMs: number): TransactionClient {
    return {
      put: (operations) => {
        const inHand = this.inHand(owner);
        const carryOut = (): TransactionResult => this.apply(operations, owner, inHand);
        return wire.call(owner, 'consul', 'transaction', carryOut, { timeoutMs: requestTimeoutMs });
      },
      close: () => Promise.resolve(),
    };
  }

  /** Throws what Consul says while it refuses everything. */
  assertWilling(): void {
    if (this.answers === 500) throw new ConsulRefusal(500, 'No cluster leader');
    if (this.answers === 403) throw new ConsulRefusal(403, 'Permission denied');
  }

  apply(texts: readonly string[], owner: Owner, inHand: InHand): TransactionResult {
    this.assertWilling();
    const before = this.pages;
    this.pages = new Map([...before].map(([node, page]) => [node, { ...page, services: new Map(page.services) }]));
    const written = new Map<string, { readonly node: string; readonly id: string }>();
    const errors: OperationError[] = [];
    texts.forEach((text, index) => {
      const what = this.carryOut(JSON.parse(text) as Operation, (node, id) =>
        written.set(`${node} ${id}`, { node, id }),
      );
      if (what !== null) errors.push({ index, what });
    });
    if (errors.length > 0) {
      this.pages = before;
      return { committed: false, errors };
    }
    this.index += 1;
    const entryIn = (pages: Map<string, Page>, node: string, id: string): Entry | null =>
      pages.get(node)?.services.get(id) ?? null;
    for (const { node, id } of written.values()) {
      const [was, is] = [entryIn(before, node, id), entryIn(this.pages, node, id)];
      this.onWrite({ owner, consulNode: node, serviceId: id, inHand, before: was, after: is });
    }
    return { committed: true };
  }

  /** Somebody writes an entry by hand, or takes it away. */
  tamper(node: string, serviceId: string, entry: Omit<Entry, 'node'> | null): void {
    let page = this.pages.get(node);
    if (page === undefined) this.pages.set(node, (page = { frame: frameOf(node), services: new Map() }));
    if (entry === null) page.services.delete(serviceId);
    else page.services.set(serviceId, { ...entry, node });
    this.index += 1;
  }

  /** As after a restart without its data. */
  wipe(): void {
    this.pages.clear();
    this.index += 1;
  }

  /** Null when done, else what Consul says. */
  private carryOut({ Node, Service, Check }: Operation, wrote: (node: string, id: string) => void): string | null {
    if (Node !== undefined) {
      const frame = Node.Node;
      this.pages.set(frame.Node, { frame, services: this.pages.get(frame.Node)?.services ?? new Map<string, Entry>() });
      return null;
    }
    if (Service !== undefined) {
      const { Verb, Node: node, Service: service } = Service;
      const services = this.pages.get(node)?.services;
      if (Verb === 'delete') {
        services?.delete(service.ID);
        wrote(node, service.ID);
        return null;
      }
      if (services === undefined) return 'Missing node registration';
      if (service.Tags?.includes(`cap:${REFUSED_BY_CONSUL}`) === true) return 'Invalid service: the tag is refused';
      services.set(service.ID, { node, service, check: services.get(service.ID)?.check ?? null });
      wrote(node, service.ID);
      return null;
    }
    if (Check === undefined) return 'unknown operation';
    const { Check: check } = Check;
    const services = this.pages.get(check.Node)?.services;
    const entry = services?.get(check.ServiceID);
    if (services === undefined) return 'Missing node registration';
    if (entry === undefined) return `Missing service registration: ${check.ServiceID}`;
    services.set(check.ServiceID, { ...entry, check });
    wrote(check.Node, check.ServiceID);
    return null;
  }
}

/** Who registers a service by hand names its node, too. */
function frameOf(node: string): FoundNode {
  return nodeEntry(node, REGISTRY_ID);
}
