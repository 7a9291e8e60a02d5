import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE } from '../../runtime/index.js';
import { FleetReader } from './fleet-reader.js';
import { nodeBackends, noBackends, type NodeBackends } from './node-backends.js';
import { nodeSteps, type NodeStep } from './node-steps.js';
import type { Page } from './node.js';
import { Slots } from './slots.js';

/** Asked for by people who look at one node. */
const MAX_AT_ONCE = 1;

/** What there is to know of one node beyond its record. Null for an unknown node; every method throws StateUnavailable. */
@Injectable()
export class NodeDetailReader {
  private readonly slots = new Slots(MAX_AT_ONCE);

  constructor(
    @Inject(STATE_DATABASE) private readonly database: Database,
    @Inject(FleetReader) private readonly fleet: FleetReader,
  ) {}

  async steps(
    nodeId: string,
    slice: { readonly limit: number; readonly before: string | null },
  ): Promise<Page<NodeStep, string> | null> {
    const page = await this.slots.run(() => nodeSteps(this.database, nodeId, slice));
    return page.items.length > 0 || (await this.isKnown(nodeId)) ? page : null;
  }

  async backends(nodeId: string): Promise<NodeBackends | null> {
    const backends = await this.slots.run(() => nodeBackends(this.database, nodeId));
    return backends ?? ((await this.isKnown(nodeId)) ? noBackends(nodeId) : null);
  }

  private async isKnown(nodeId: string): Promise<boolean> {
    return (await this.fleet.summary(nodeId)) !== null;
  }
}
