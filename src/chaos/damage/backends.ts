import { setTimeout as sleep } from 'node:timers/promises';
import type { ForeignEntry } from '../evidence.js';
import type { Random } from '../random.js';
import type { Database } from '../../runtime/index.js';
import { consulDamage, type ForeignService } from './consul-damage.js';
import { OwnCatalog } from './own-catalog.js';
import { damageRegistrations, dropRegistrations, foreignId, registrationText } from './registrations-damage.js';

export type BackendsOptions = {
  readonly consulAddress: string;
  readonly registryId: string;
  readonly database: Database;
  readonly random: Random;
};

const TRY_AGAIN_AFTER_MS = 500;
const PATIENCE_MS = 60_000;

/** What is foreign in a backend, and how it was when it was put there. */
type Planted = { readonly planted: string } & (
  ({ readonly in: 'consul' } & ForeignService) | { readonly in: 'postgres'; readonly nodeId: string }
);

/** What the registry has written to Consul and PostgreSQL, in the hands of somebody who means no good; past every door. */
export class Backends {
  private readonly catalog: OwnCatalog;
  private foreign: readonly Planted[] = [];
  private serial = 0;

  constructor(private readonly options: BackendsOptions) {
    this.catalog = new OwnCatalog(options.consulAddress, options.registryId);
  }

  /** Deletes every synthetic node with all that is on it, foreign services included. */
  wipeConsul(signal: AbortSignal): Promise<string> {
    return this.patiently(async () => {
      const [nodes, services] = [await this.catalog.nodes(), await this.catalog.services()];
      const gone = new Set(nodes);
      this.foreign = this.foreign.filter((one) => one.in !== 'consul' || !gone.has(one.consulNode));
      await this.catalog.apply(nodes.map((name) => ({ Node: { Verb: 'delete', Node: { Node: name } } })));
      return `${nodes.length} nodes with ${services.length} services`;
    }, signal);
  }

  /** Drops `node_registrations`, foreign rows included. */
  dropRegistrations(signal: AbortSignal): Promise<undefined> {
    return this.patiently(async () => {
      this.foreign = this.foreign.filter((one) => one.in !== 'postgres');
      await dropRegistrations(this.options.database.connections);
      return undefined;
    }, signal);
  }

  /** A little of everything in both. */
  async damage(signal: AbortSignal): Promise<string> {
    const inConsul = await this.patiently(() => this.damageConsul(), signal);
    const inPostgres = await this.patiently(() => this.damageRegistrations(), signal);
    return `Consul: ${inConsul}; PostgreSQL: ${inPostgres}`;
  }

  /** The foreign entries as they are now. */
  async readForeign(): Promise<readonly ForeignEntry[]> {
    const entries: ForeignEntry[] = [];
    for (const one of this.foreign) {
      const found =
        one.in === 'consul'
          ? await this.catalog.service(one.consulNode, one.serviceId)
          : await registrationText(this.options.database.connections, one.nodeId);
      const name = one.in === 'consul' ? `${one.consulNode}/${one.serviceId}` : one.nodeId;
      entries.push({ name, in: one.in, planted: one.planted, found });
    }
    return entries;
  }

  private async damageConsul(): Promise<string> {
    const { random, registryId } = this.options;
    const { operations, foreign, text } = consulDamage(await this.catalog.services(), random, this.next(), registryId);
    await this.catalog.apply(operations);
    for (const one of foreign) {
      const planted = (await this.catalog.service(one.consulNode, one.serviceId)) ?? 'gone at once';
      this.foreign = [...this.foreign, { in: 'consul', planted, ...one }];
    }
    return text;
  }

  private async damageRegistrations(): Promise<string> {
    const { connections } = this.options.database;
    const serial = this.next();
    const text = await damageRegistrations(connections, serial);
    const nodeId = foreignId(serial);
    // An empty table has no row to make one like it.
    const planted = await registrationText(connections, nodeId);
    if (planted !== null) this.foreign = [...this.foreign, { in: 'postgres', planted, nodeId }];
    return text;
  }

  private next(): number {
    return (this.serial += 1);
  }

  /** A server may just have come back, and a service may go between our looking and our writing. */
  private async patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (const end = Date.now() + PATIENCE_MS; ;) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted || Date.now() > end) throw error;
        await sleep(TRY_AGAIN_AFTER_MS, undefined, { signal });
      }
    }
  }
}
