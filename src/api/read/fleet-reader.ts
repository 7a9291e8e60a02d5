import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE } from '../../runtime/index.js';
import { countNodes, listNodes } from './list-nodes.js';
import { countHistory, nodeHistory } from './node-history.js';
import type { Batched } from './batched.js';
import { nodesById, summariesById } from './nodes-by-id.js';
import type { HistoryPage, Node, NodeFilter, NodeSummary, Page } from './node.js';
import { Slots } from './slots.js';

export type Slice = { readonly limit: number; readonly after: string | null };

/** Lists and counts under way at once; a text search reads the whole fleet in the worst case, so one at a time. */
const MAX_LISTS = 3;
const MAX_SEARCHES = 1;

/** What the API shows of the fleet: states and journal of the orchestrator. Every method throws StateUnavailable. */
@Injectable()
export class FleetReader {
  private readonly nodes: Batched<Node>;
  private readonly summaries: Batched<NodeSummary>;
  private readonly lists = new Slots(MAX_LISTS);
  private readonly searches = new Slots(MAX_SEARCHES);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {
    this.nodes = nodesById(database);
    this.summaries = summariesById(database);
  }

  node(nodeId: string): Promise<Node | null> {
    return this.nodes.find(nodeId);
  }

  summary(nodeId: string): Promise<NodeSummary | null> {
    return this.summaries.find(nodeId);
  }

  list(filter: NodeFilter, slice: Slice): Promise<Page<Node, string>> {
    return this.slotsFor(filter).run(() => listNodes(this.database, filter, slice));
  }

  count(filter: NodeFilter): Promise<number> {
    return this.slotsFor(filter).run(() => countNodes(this.database, filter));
  }

  /** Null for an unknown node. */
  async history(nodeId: string, slice: Slice): Promise<HistoryPage | null> {
    const page = await this.lists.run(() => nodeHistory(this.database, nodeId, slice));
    return page.items.length > 0 || (await this.node(nodeId)) !== null ? page : null;
  }

  countHistory(nodeId: string): Promise<number> {
    return this.lists.run(() => countHistory(this.database, nodeId));
  }

  private slotsFor(filter: NodeFilter): Slots {
    return filter.q === undefined ? this.lists : this.searches;
  }
}
