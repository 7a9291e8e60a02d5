import { setTimeout as sleep } from 'node:timers/promises';
import { pace } from '../../fleet/introduction.js';
import { nodeIdOf } from '../../fleet/simulated-node.js';
import { errorText } from '../../messages/index.js';
import type { Registry, Servers } from '../scenario.js';
import { Handshakes } from './handshakes.js';
import { ConsulVisibility } from './visibility/consul-visibility.js';
import { PostgresVisibility } from './visibility/postgres-visibility.js';

export type OpenLoop = {
  readonly prefix: string;
  readonly nodes: number;
  readonly ratePerSecond: number;
  /** Of so many nodes one is watched in Consul and PostgreSQL. */
  readonly watchEvery: number;
  readonly signal: AbortSignal;
};

/** Milliseconds from the moment at which the introspection was due, whenever it was sent. */
export type Latencies = {
  readonly active: readonly number[];
  readonly consul: readonly number[];
  readonly postgres: readonly number[];
};

const SERVICE = 'onex-effect';
const ALL_WITHIN_MS = 60_000;

/**
 * Nodes that register at times fixed in advance, whatever the registry does: no coordinated omission. Rejects when one of them is not active
 * and visible a minute after the last was due.
 */
export async function runOpenLoop(servers: Servers, registry: Registry, load: OpenLoop): Promise<Latencies> {
  const watch = new Watch(servers, registry, load);
  const { brokers } = servers;
  const { topicPrefix } = registry;
  const handshakes = await Handshakes.open({ brokers, topicPrefix, active: (nodeId, at) => watch.active(nodeId, at) });
  try {
    await introduceAll(handshakes, watch, load);
    for (
      const until = Date.now() + ALL_WITHIN_MS;
      !watch.isComplete;
      await sleep(20, undefined, { signal: load.signal })
    ) {
      handshakes.check();
      if (Date.now() > until) throw new Error(watch.told);
    }
    await watch.checkPassing();
  } finally {
    await Promise.all([handshakes.close(), watch.close()]);
  }
  return watch.latencies;
}

async function introduceAll(handshakes: Handshakes, watch: Watch, load: OpenLoop): Promise<void> {
  const { nodes, ratePerSecond, prefix, signal } = load;
  let failure: Error | undefined;
  const introduce = (from: number, to: number, dueAt: (index: number) => number): Promise<void> => {
    const ids = Array.from({ length: to - from }, (_, index) => nodeIdOf(prefix, from + index));
    ids.forEach((id, index) => watch.due(id, dueAt(from + index)));
    return handshakes
      .introduce(ids)
      .catch((error: unknown) => void (failure ??= new Error(errorText(error), { cause: error })));
  };
  const clock = (): number => performance.now();
  await pace({ nodes, clock, introduce, stop: signal }, ratePerSecond, () => undefined);
  signal.throwIfAborted();
  if (failure !== undefined) throw failure;
}

/** What is seen of the nodes, and when. */
class Watch {
  readonly latencies = { active: [] as number[], consul: [] as number[], postgres: [] as number[] };
  private readonly dueTimes = new Map<string, number>();
  private readonly sample: ReadonlySet<string>;
  private readonly consul: ConsulVisibility;
  private readonly postgres: PostgresVisibility;

  constructor(
    { consulUrl }: Servers,
    { registryId, databaseUrl }: Registry,
    private readonly load: OpenLoop,
  ) {
    const { nodes, prefix, watchEvery } = load;
    const indices = Array.from({ length: Math.ceil(nodes / watchEvery) }, (_, index) => index * watchEvery);
    this.sample = new Set(indices.map((index) => nodeIdOf(prefix, index)));
    const note = (times: number[]) => (nodeId: string, at: number) => this.note(times, nodeId, at);
    this.consul = new ConsulVisibility(consulUrl, registryId, SERVICE, note(this.latencies.consul));
    this.postgres = new PostgresVisibility(databaseUrl, note(this.latencies.postgres));
  }

  /** `at`: of `performance.now()`, as everywhere here. */
  due(nodeId: string, at: number): void {
    this.dueTimes.set(nodeId, at);
  }

  /** Both backends are told only after *active* was published, so nobody sees a node there before. */
  active(nodeId: string, at: number): void {
    this.note(this.latencies.active, nodeId, at);
    if (!this.sample.has(nodeId)) return;
    this.consul.watch(nodeId);
    this.postgres.watch(nodeId);
  }

  get isComplete(): boolean {
    const { active, consul, postgres } = this.latencies;
    return active.length === this.load.nodes && [consul, postgres].every(({ length }) => length === this.sample.size);
  }

  /** For people, where it did not come to that. */
  get told(): string {
    const { active, consul, postgres } = this.latencies;
    return (
      `${ALL_WITHIN_MS / 1000} s after the last introspection ${active.length} of ${this.load.nodes} nodes are active; of ${this.sample.size} that are watched ` +
      `${consul.length} are visible in Consul and ${postgres.length} in PostgreSQL: see the registry's log`
    );
  }

  async checkPassing(): Promise<void> {
    const passing = await this.consul.passing([...this.sample]);
    if (passing === this.sample.size) return;
    throw new Error(
      `Consul's passing list of ${SERVICE} has ${passing} of ${this.sample.size} nodes whose checks pass`,
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.consul.close(), this.postgres.close()]);
  }

  private note(times: number[], nodeId: string, at: number): void {
    times.push(at - (this.dueTimes.get(nodeId) ?? NaN));
  }
}
