import { until } from '../../support/stack.js';
import { Rollcall } from '../rollcall.js';
import { get, pages, passing, type NodeDocument } from './api.js';
import type { Environment } from '../rollcall.js';
import type { MakePlace, Place } from './place.js';

/** A registry that is stopped, killed and started again where it was. */
export class Registry {
  private constructor(
    readonly place: Place,
    private current: Rollcall,
  ) {}

  static async start(makePlace: MakePlace, overrides: Environment): Promise<Registry> {
    const place = await makePlace(overrides);
    return new Registry(place, await Rollcall.start(place.environment));
  }

  get url(): string {
    return this.place.url;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.current.kill();
  }

  /** SIGTERM. Resolves with the exit code, which is not 0 when it took longer than it may. */
  async stop(): Promise<number | null> {
    return this.current.stop();
  }

  async start(): Promise<void> {
    this.current = await this.current.again();
  }

  async clear(): Promise<void> {
    await this.current.stop();
    await this.place.clear();
  }

  node(nodeId: string): Promise<NodeDocument> {
    return get<NodeDocument>(`${this.url}/v1/nodes/${nodeId}`).then(({ body }) => body);
  }

  /** Nodes whose id begins like this, in order. */
  async nodes(prefix: string, limit = 100): Promise<readonly NodeDocument[]> {
    return pages<NodeDocument>(this.url, `/v1/nodes?q=${prefix}`, limit);
  }

  passing(): Promise<readonly string[]> {
    return passing(this.place.consul(this.current), this.place.registryId);
  }

  /** The passing list follows what the workflow decided: waits until it has these nodes of that prefix, and no others. */
  async untilPassing(prefix: string, nodeIds: readonly string[]): Promise<void> {
    const listed = async () => (await this.passing()).filter((id) => id.startsWith(prefix)).join();
    const wanted = [...nodeIds].sort().join();
    await until(async () => (await listed()) === wanted, {
      what: `${nodeIds.length} in the passing list`,
    });
  }

  /** For what is told when a test fails. */
  tail(): string {
    return this.current.tail();
  }
}
