import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE } from '../../runtime/index.js';
import type { Slice } from './fleet-reader.js';
import { countNodesAsOf, listNodesAsOf, nodeAsOf } from './fleet-as-of.js';
import type { Node, NodeFilter, Page } from './node.js';
import { Slots } from './slots.js';

/** Of each one at a time: a filter may read all nodes, as no index knows past states, and single nodes do not wait for that. */
const MAX_LISTS = 1;
const MAX_NODES = 1;

/** The fleet as it was, from the journal. Moments are RFC 3339. Every method throws StateUnavailable. */
@Injectable()
export class PastReader {
  private readonly lists = new Slots(MAX_LISTS);
  private readonly nodes = new Slots(MAX_NODES);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  /** Null for a node that was not known then. */
  node(asOf: string, nodeId: string): Promise<Node | null> {
    return this.nodes.run(() => nodeAsOf(this.database, asOf, nodeId));
  }

  list(asOf: string, filter: NodeFilter, slice: Slice): Promise<Page<Node, string>> {
    return this.lists.run(() => listNodesAsOf(this.database, asOf, filter, slice));
  }

  count(asOf: string, filter: NodeFilter): Promise<number> {
    return this.lists.run(() => countNodesAsOf(this.database, asOf, filter));
  }
}
