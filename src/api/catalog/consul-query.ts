import { DATACENTER } from './consul-json.js';
import { ConsulRefusal } from './consul-refusal.js';

/** How an answer is asked for, on every path alike. */
export type ReadQuery = {
  /** Wait until the catalog is past this index; 0: answer at once. */
  readonly index: number;
  readonly waitMs: number;
  readonly pretty: boolean;
};

export type InstanceQuery = ReadQuery & { readonly service: string; readonly tags: readonly string[] };

type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** https://developer.hashicorp.com/consul/api-docs/features/blocking */
const DEFAULT_WAIT_MS = 5 * 60_000;
const MAX_WAIT_MS = 10 * 60_000;
const MAX_INDEX = 2n ** 64n - 1n;
/** They would make the answer another one: to leave them out in silence would be a lie. */
const UNSUPPORTED = ['filter', 'node-meta'];

/** Throws {@link ConsulRefusal}, with Consul's own words where Consul has some. Unknown parameters mean nothing, as there. */
export function readQuery(query: unknown): ReadQuery {
  const parameters = query as Parameters;
  for (const [name, value] of Object.entries(parameters)) {
    if ([name, value].flat().some((text) => text?.includes('\0')))
      throw new ConsulRefusal('Invalid query: null character');
  }
  for (const name of UNSUPPORTED) {
    if (first(parameters, name)) throw new ConsulRefusal(`The embedded catalog does not support ?${name}`);
  }
  if (parameters['stale'] !== undefined && parameters['consistent'] !== undefined) {
    throw new ConsulRefusal('Cannot specify ?stale with ?consistent, conflicting semantics.');
  }
  const datacenter = first(parameters, 'dc');
  if (datacenter && datacenter !== DATACENTER) throw new ConsulRefusal('No path to datacenter');
  const waitMs = durationMs(first(parameters, 'wait'));
  return {
    index: indexOf(first(parameters, 'index')),
    waitMs: waitMs === 0 ? DEFAULT_WAIT_MS : Math.min(waitMs, MAX_WAIT_MS),
    pretty: parameters['pretty'] !== undefined,
  };
}

export function instanceQuery(service: string, query: unknown): InstanceQuery {
  const read = readQuery(query);
  if (service === '') throw new ConsulRefusal('Missing service name');
  if (service.includes('\0')) throw new ConsulRefusal('Invalid service name');
  const tags = [(query as Parameters)['tag'] ?? []].flat();
  return { ...read, service: service.toLowerCase(), tags: tags.map((tag) => tag.toLowerCase()) };
}

/** Go's strconv.ParseBool; present without a value means yes. */
export function passingOf(query: unknown): boolean {
  const value = first(query as Parameters, 'passing');
  if (value === undefined) return false;
  if (/^(|1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw new ConsulRefusal('Invalid value for ?passing');
}

function first(parameters: Parameters, name: string): string | undefined {
  return [parameters[name]].flat()[0];
}

function indexOf(text: string | undefined): number {
  if (!text) return 0;
  if (!/^\d{1,20}$/.test(text) || BigInt(text) > MAX_INDEX) throw new ConsulRefusal('Invalid index');
  return Number(text);
}

const UNIT_MS = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const NUMBER = String.raw`\d{1,15}(?:\.\d{0,15})?|\.\d{1,15}`;
const PART = `(${NUMBER})(${Object.keys(UNIT_MS).join('|')})`;

/** Go's time.ParseDuration, without signs: `10s`, `1m30s`. */
function durationMs(text: string | undefined): number {
  if (!text || text === '0') return 0;
  if (text.length > 100 || !new RegExp(`^(?:${PART})+$`, 'u').test(text)) throw new ConsulRefusal('Invalid wait time');
  let total = 0;
  for (const [, amount, unit] of text.matchAll(new RegExp(PART, 'gu'))) {
    total += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return Math.ceil(total);
}
