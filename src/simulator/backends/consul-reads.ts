import type { ConsulReader, Reading } from '../../registry-effect/consul/consul-reader.js';
import { REGISTRY_ID } from '../plan/plan.js';
import type { Owner } from '../time/virtual-time.js';
import type { Wire } from '../wire.js';
import type { Entry, SimulatedConsul } from './simulated-consul.js';

type Query = Readonly<Record<string, string>>;

const SYNTHETIC = new RegExp(`^${REGISTRY_ID}-[0-9a-f]{2}$`);
/** Answers of Consul to a question about a node that is not there. */
const OF_NO_NODE: Readonly<Record<string, unknown>> = { catalog: null, health: [] };

/** What the drift audit asks Consul. */
export function consulReader(consul: SimulatedConsul, owner: Owner, wire: Wire, timeoutMs: number): ConsulReader {
  return {
    read: <T>(path: string, query: Query = {}): Promise<Reading<T>> => {
      const [, , api = '', kind = '', name = ''] = path.split('/');
      // Nearly all of the 256 pages have nothing, and an audit asks for each: that would be most of what happens in a run.
      if (kind === 'node' && consul.page(name) === undefined) {
        return Promise.resolve({ index: String(consul.index), body: OF_NO_NODE[api] as T });
      }
      const answer = (): Reading<T> => {
        consul.assertWilling();
        return { index: String(consul.index), body: answerTo(consul, `${api}/${kind}`, name, query) as T };
      };
      return wire.call(owner, 'consul', path, answer, { timeoutMs });
    },
    close: () => Promise.resolve(),
  };
}

function answerTo(consul: SimulatedConsul, about: string, name: string, { filter = '' }: Query): unknown {
  const page = consul.page(name);
  const entries = [...(page?.services.values() ?? [])];
  switch (about) {
    case 'catalog/services':
      return {};
    case 'health/state':
      return [];
    case 'catalog/node':
      return page === undefined
        ? null
        : { Node: page.frame, Services: Object.fromEntries(entries.map(({ service }) => [service.ID, service])) };
    case 'health/node':
      return entries.flatMap(({ check }) => (check === null ? [] : [check]));
    case 'catalog/service':
      return consul
        .entries()
        .filter(({ service }) => service.Service === name)
        .filter((entry) => passes(entry, filter))
        .map(({ node, service }) => ({
          Node: node,
          ServiceID: service.ID,
          ServiceName: service.Service,
          ServiceMeta: service.Meta ?? null,
        }));
    default:
      throw new Error(`the simulated Consul does not know ${about}`);
  }
}

/** The two conditions that there are in filters of the audit. */
function passes({ node, service }: Entry, filter: string): boolean {
  if (filter.includes('ServiceMeta.owner ==') && service.Meta?.['owner'] !== REGISTRY_ID) return false;
  return !(filter.includes('Node not matches') && SYNTHETIC.test(node));
}
