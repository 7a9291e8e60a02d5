import { ConsulRefusal } from '../../registry-effect/consul/consul-errors.js';
import type {
  OperationError,
  TransactionClient,
  TransactionResult,
} from '../../registry-effect/consul/transaction-client.js';
import type { Owner } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';

type Operation = {
  readonly Node?: { readonly Verb: string; readonly Node: { readonly Node: string } };
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

export type Check = {
  readonly Node: string;
  readonly CheckID: string;
  readonly ServiceID: string;
  readonly Status: string;
};

export type Entry = { readonly node: string; readonly service: Service; readonly check: Check | null };

/** Revisions desired, by node id. */
export type Known = ReadonlyMap<string, number>;

export type ConsulWrite = { readonly owner: Owner; readonly serviceId: string; readonly known: Known };

/** A capability of this name makes Consul refuse the record. */
export const REFUSED_BY_CONSUL = 'refused-by-consul';

/** The catalog: transactions are applied whole or not at all. */
export class SimulatedConsul {
  private nodes = new Map<string, Map<string, Entry>>();
  /** Answers every request so instead of carrying it out. */
  answers: 'normally' | 500 | 403 = 'normally';

  /**
   * `asked`: what a process knows to be desired, by node, at this moment. `onWrite` hears of every service that is written, with what its
   * writer knew when it sent the request.
   */
  constructor(
    private readonly asked: (owner: Owner) => Known,
    private readonly onWrite: (write: ConsulWrite) => void,
  ) {}

  /** Every service, with its check. */
  entries(): readonly Entry[] {
    return [...this.nodes.values()].flatMap((services) => [...services.values()]);
  }

  clientOf(owner: Owner, wire: Wire, requestTimeoutMs: number): TransactionClient {
    return {
      put: (operations) => {
        const known = this.asked(owner);
        const carryOut = (): TransactionResult => this.apply(operations, owner, known);
        return wire.call(owner, 'consul', 'transaction', carryOut, { timeoutMs: requestTimeoutMs });
      },
      close: () => Promise.resolve(),
    };
  }

  apply(texts: readonly string[], owner: Owner, known: Known): TransactionResult {
    if (this.answers === 500) throw new ConsulRefusal(500, 'No cluster leader');
    if (this.answers === 403) throw new ConsulRefusal(403, 'Permission denied');
    const before = this.nodes;
    this.nodes = new Map([...before].map(([node, services]) => [node, new Map(services)]));
    const written: string[] = [];
    const errors: OperationError[] = [];
    texts.forEach((text, index) => {
      const what = this.carryOut(JSON.parse(text) as Operation, written);
      if (what !== null) errors.push({ index, what });
    });
    if (errors.length > 0) {
      this.nodes = before;
      return { committed: false, errors };
    }
    for (const serviceId of written) this.onWrite({ owner, serviceId, known });
    return { committed: true };
  }

  /** Null when done, else what Consul says. */
  private carryOut({ Node, Service, Check }: Operation, written: string[]): string | null {
    if (Node !== undefined) {
      if (!this.nodes.has(Node.Node.Node)) this.nodes.set(Node.Node.Node, new Map());
      return null;
    }
    if (Service !== undefined) {
      const { Verb, Node: node, Service: service } = Service;
      const services = this.nodes.get(node);
      if (Verb === 'delete') {
        written.push(service.ID);
        services?.delete(service.ID);
        return null;
      }
      if (services === undefined) return 'Missing node registration';
      if (service.Tags?.includes(`cap:${REFUSED_BY_CONSUL}`) === true) return 'Invalid service: the tag is refused';
      written.push(service.ID);
      services.set(service.ID, { node, service, check: services.get(service.ID)?.check ?? null });
      return null;
    }
    if (Check === undefined) return 'unknown operation';
    const { Check: check } = Check;
    const services = this.nodes.get(check.Node);
    const entry = services?.get(check.ServiceID);
    if (services === undefined) return 'Missing node registration';
    if (entry === undefined) return `Missing service registration: ${check.ServiceID}`;
    written.push(check.ServiceID);
    services.set(check.ServiceID, { ...entry, check });
    return null;
  }
}
